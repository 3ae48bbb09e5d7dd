import type { Tx } from '../store/db.ts';
import { toJsonb } from '../store/json.ts';
import { wakeWaiting } from './wake.ts';

/** One lock for the whole fleet: whoever decides about slots sees all of them, and nobody takes one meanwhile. */
const FLEET = 4_871_002;

export async function lockFleet(tx: Tx): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock($1)`, [FLEET]);
}

export interface Taken {
  host: string;
  intent: string;
  budgets: readonly string[];
}

/** Takes a place in each budget for each host. The caller holds the fleet's lock and has looked that they are free. */
export async function takeSlots(tx: Tx, run: string, taken: readonly Taken[], at: number): Promise<void> {
  // A host tried again still holds what it held: it is not to count twice.
  await tx.query(
    `update slots set given_back = $3, evidence = 'taken again by the next try' where run = $1 and host = any ($2) and not intent = any ($4)
     and given_back is null`,
    [run, taken.map(({ host }) => host), new Date(at), taken.map(({ intent }) => intent)],
  );
  const rows = taken.flatMap(({ host, intent, budgets }) => budgets.map((budget) => ({ budget, run, host, intent })));
  if (rows.length === 0) return;
  await tx.query(
    `insert into slots (budget, run, host, intent, taken)
     select budget, run, host, intent, $2 from jsonb_to_recordset($1::jsonb) as s (budget text, run text, host text, intent text)
     on conflict (budget, intent) do nothing`,
    [toJsonb(rows), new Date(at)],
  );
}

/**
 * Gives places back by evidence, and has the runs look again that wait for them. `keep`: budgets whose names begin so stay taken (a
 * host that is up and not well still counts as the one of its redundancy group). `except`: a run that is woken anyway.
 */
export async function giveBack(
  tx: Tx,
  given: { run: string; hosts: readonly string[]; evidence: string; at: number; keep?: readonly string[]; except?: string },
): Promise<void> {
  const back = await tx.query<{ budget: string; host: string }>(
    `update slots set given_back = $3, evidence = $4 where run = $1 and host = any ($2) and given_back is null
     and not exists (select 1 from unnest($5::text[]) as kept where starts_with(budget, kept)) returning budget, host`,
    [given.run, given.hosts, new Date(given.at), given.evidence, given.keep ?? []],
  );
  await tx.query(
    `update run_hosts set ended = $3 where run = $1 and host = any ($2) and state = 'ended' and ended is null
     and not exists (select 1 from slots s where s.run = $1 and s.host = run_hosts.host and s.given_back is null)`,
    [given.run, given.hosts, new Date(given.at)],
  );
  if (back.length > 0) await wakeWaiting(tx, [...new Set(back.flatMap(({ budget, host }) => [budget, `host:${host}`]))], given.except);
}
