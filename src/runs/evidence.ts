import type { Facts } from '../fleet/host.ts';
import type { HostResult } from '../jobs.ts';
import { compareWithBaseline } from '../rollout/compare.ts';
import type { Tx } from '../store/db.ts';
import { record } from '../store/events.ts';
import { giveBack } from './slots.ts';

/**
 * A check heard of hosts. One that was lost and answers again, or that failed and is as it was before, gives its slots back:
 * that is evidence. One that is half made ready does not; a person decides about it.
 */
export async function heardOf(tx: Tx, results: readonly HostResult[], at: number): Promise<void> {
  const well = results.filter((result) => result.reach === 'ok' && result.outcome === 'ok' && result.facts);
  if (well.length === 0) return;
  // Locked: one that is tried again meanwhile is in flight, and must keep what it holds.
  const held = await tx.query<{ run: string; host: string; outcome: string; baseline: Facts | null; boot_before: string | null; memory: Facts }>(
    `select h.run, h.host, h.outcome, h.baseline, h.boot_before, h.memory from run_hosts h
     where h.state = 'ended' and h.started is not null and h.ended is null and h.outcome in ('lost', 'unverified', 'failed') and h.host = any ($1)
     order by h.run, h.host for update`,
    [well.map(({ host }) => host)],
  );
  for (const row of held) {
    const facts = well.find(({ host }) => host === row.host)?.facts ?? {};
    if (row.outcome === 'failed' && row.baseline && compareWithBaseline(row.baseline, facts, row.memory).some(({ grave }) => grave)) continue;
    const boot = String(facts.boot_id ?? '');
    const evidence = boot && boot !== row.boot_before ? `it answers, with boot id ${boot}` : 'it answers';
    await tx.query(`update run_hosts set boot_after = coalesce(boot_after, nullif($3, '')) where run = $1 and host = $2 and boot_before is distinct from $3`, [
      row.run,
      row.host,
      boot,
    ]);
    await giveBack(tx, { run: row.run, hosts: [row.host], evidence, at });
    await record(tx, { thing: row.run, type: 'slot given back', data: { host: row.host, evidence }, by: 'holdfast', at });
    await tx.query(`update cards set wanted_rev = wanted_rev + 1 where thing_kind = 'run' and thing_id = $1`, [row.run]);
  }
}
