import { FACTS } from '../fleet/facts/catalogue.ts';
import type { Facts, FactValue, HostState } from '../fleet/host.ts';
import type { HostResult } from '../jobs.ts';
import type { Queries, Tx } from '../store/db.ts';
import { toJsonb } from '../store/json.ts';

/** Facts that move all the time by themselves: kept as the latest only, never as history. */
const RESTLESS = new Set(['uptime', 'booted', 'disk_used', 'probes', 'unseen', 'clock_offset_ms', 'jobs_queued', 'updates_looked']);

/** What is known of hosts from before. Hosts never asked are absent. */
export async function knownHosts(db: Queries, hosts: readonly string[]): Promise<Map<string, HostState>> {
  const known = new Map<string, HostState>();
  for (let n = 0; n < hosts.length; n += AT_ONCE) {
    const rows = await db.query<StateRow>(
      `select host, reach, detail, asked, answered, facts, findings from facts
       where host = any ($1)`,
      [hosts.slice(n, n + AT_ONCE)],
    );
    for (const row of rows) known.set(row.host, stateOf(row));
  }
  return known;
}

/** Hosts read by one statement: the embedded database keeps for ever what its largest answer took. */
const AT_ONCE = 250;

/** Only the machine-ids, to be compared: all facts of 5,000 hosts would be read for one word of each. */
export async function machineIds(db: Queries, hosts: readonly string[]): Promise<Map<string, HostState>> {
  const rows = await db.query<StateRow>(
    `select host, reach, detail, asked, answered, findings, jsonb_build_object('machine_id', facts -> 'machine_id') as facts
     from facts where facts ? 'machine_id' and host = any ($1)`,
    [hosts],
  );
  return new Map(rows.map((row) => [row.host, stateOf(row)]));
}

/** Names of hosts whose last check did not get through. */
export async function downHosts(db: Queries): Promise<string[]> {
  const rows = await db.query<{ host: string }>(`select host from facts where reach <> 'ok'`);
  return rows.map((row) => row.host);
}

/**
 * Writes what a chunk of hosts said: the latest as one row a host, changes as history, each as one statement for the
 * whole chunk. A host that did not answer keeps its facts and gets its reach and the time.
 */
export async function learn(tx: Tx, results: readonly HostResult[], before: ReadonlyMap<string, HostState>, now: number): Promise<void> {
  const at = new Date(now).toISOString();
  // One order for all chunks: two checks over the same hosts at once must not deadlock.
  const ordered = [...results].sort((a, b) => (a.host < b.host ? -1 : 1));
  const rows = ordered.map((result) => ({
    host: result.host,
    reach: result.reach,
    detail: result.detail ?? null,
    // Until a check has asked for its facts, the first of them are no change.
    answered: result.reach === 'ok' && (result.facts || before.get(result.host)?.answeredAt !== undefined) ? at : null,
    // A job that looked at something else (no facts) does not unlearn them, nor what was found by them.
    facts: result.reach === 'ok' ? (result.facts ?? before.get(result.host)?.facts ?? {}) : null,
    findings: result.findings ?? (result.reach === 'ok' ? (before.get(result.host)?.findings ?? []) : []),
  }));
  await tx.query(
    `insert into facts (host, reach, detail, asked, answered, facts, findings)
     select host, reach, detail, $2, answered, coalesce(facts, '{}'), findings
     from jsonb_to_recordset($1::jsonb) as r (host text, reach text, detail text, answered timestamptz, facts jsonb, findings jsonb)
     on conflict (host) do update set reach = excluded.reach, detail = excluded.detail, asked = excluded.asked,
       answered = coalesce(excluded.answered, facts.answered), findings = excluded.findings,
       facts = case when excluded.answered is null then facts.facts else excluded.facts end`,
    [toJsonb(rows), at],
  );
  const changes = results.flatMap((result) => {
    const known = before.get(result.host);
    const changed = changesBetween(known, result);
    return Object.keys(changed).length > 0 ? [{ host: result.host, changes: changed }] : [];
  });
  if (changes.length === 0) return;
  await tx.query(
    `insert into fact_changes (host, at, changes)
     select host, $2, changes from jsonb_to_recordset($1::jsonb) as c (host text, changes jsonb)`,
    [toJsonb(changes), at],
  );
}

export interface Change {
  at: Date;
  changes: Record<string, [FactValue | null, FactValue | null]>;
}

/** What changed on one host between checks, the newest first. */
export function changesOf(db: Queries, host: string, limit: number): Promise<Change[]> {
  return db.query<Change>(`select at, changes from fact_changes where host = $1 order by id desc limit $2`, [host, limit]);
}

/** What differs, as `{ fact: [before, after] }`; null stands for absent. The first sight of a host is no change. */
export function changesBetween(known: HostState | undefined, result: HostResult): Record<string, [FactValue | null, FactValue | null]> {
  const changed: Record<string, [FactValue | null, FactValue | null]> = {};
  if (!known) return changed;
  if (known.reach !== result.reach) changed.reach = [known.reach, result.reach];
  if (result.reach !== 'ok' || !result.facts || known.answeredAt === undefined) return changed;
  for (const name of new Set([...Object.keys(known.facts), ...Object.keys(result.facts)])) {
    if (RESTLESS.has(name) || FACTS[name]?.type === 'number') continue;
    const [before, after] = [known.facts[name] ?? null, result.facts[name] ?? null];
    if (!same(steady(before), steady(after))) changed[name] = [before, after];
  }
  return changed;
}

/** When an updater runs next moves every day and is no change of the host. */
function steady(value: FactValue | null): FactValue | null {
  if (!Array.isArray(value)) return value;
  return value.map((row) =>
    row && typeof row === 'object' && !Array.isArray(row) ? Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'next')) : row,
  );
}

const same = (a: FactValue | null, b: FactValue | null): boolean => canonical(a) === canonical(b);

/** jsonb gives objects back with their keys in another order. */
function canonical(value: FactValue | null): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner && typeof inner === 'object' && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

export interface StateRow {
  host: string;
  reach: HostState['reach'];
  detail: string | null;
  asked: Date;
  answered: Date | null;
  facts: Facts;
  findings: HostState['findings'];
}

export function stateOf(row: StateRow): HostState {
  return {
    host: row.host,
    reach: row.reach,
    ...(row.detail !== null && { detail: row.detail }),
    askedAt: row.asked.getTime(),
    ...(row.answered && { answeredAt: row.answered.getTime() }),
    facts: row.facts,
    findings: row.findings,
  };
}
