import type { Queries } from '../store/db.ts';
import type { HeldState } from './rows.ts';

const STATES: ReadonlySet<string> = new Set(['unverified', 'held', 'drifted', 'resumed']);

/** Hosts of a live set `H1` (all it holds or wants to hold) or `H1:unverified`; `undefined` when there is no such hold. */
export async function holdSet(db: Queries, name: string): Promise<string[] | undefined> {
  const [, id, state] = /^(H\d+)(?::([a-z]+))?$/i.exec(name) ?? [];
  if (id === undefined || (state !== undefined && !STATES.has(state))) return undefined;
  const hold = id.toUpperCase();
  if ((await db.query(`select 1 from holds where id = $1`, [hold])).length === 0) return undefined;
  const rows = await db.query<{ host: string }>(
    `select host from hold_hosts where hold = $1 and case when $2::text is null then state <> 'resumed' else state = $2 end order by host`,
    [hold, state ?? null],
  );
  return rows.map(({ host }) => host);
}

/** Why updates are paused on a host. */
export interface Held {
  hold: string;
  state: Exclude<HeldState, 'resumed'>;
  /** Empty = all. */
  sources: string[];
  owner: string;
  until: Date;
}

/** Open holds of these hosts, for plans and cards. Hosts that none holds are absent. */
export async function heldHosts(db: Queries, hosts: readonly string[]): Promise<Map<string, Held[]>> {
  const rows = await db.query<Held & { host: string }>(
    `select hh.host, hh.hold, hh.state, h.sources, h.owner, h.until from hold_hosts hh join holds h on h.id = hh.hold
     where hh.state <> 'resumed' and h.state = 'open' and h.kind = 'updates' and hh.host in (select jsonb_array_elements_text($1::jsonb)) order by h.begun, h.id`,
    [JSON.stringify(hosts)],
  );
  const held = new Map<string, Held[]>();
  for (const { host, ...row } of rows) {
    const own = held.get(host);
    if (own) own.push(row);
    else held.set(host, [row]);
  }
  return held;
}

/** Of these hosts, those whose KernelCare no hold stops and that are not known to have none: unloaded there, it comes back by itself. */
export async function notPaused(db: Queries, hosts: readonly string[], source: string): Promise<string[]> {
  const rows = await db.query<{ host: string }>(
    `select distinct hh.host from hold_hosts hh join holds h on h.id = hh.hold
     where h.state = 'open' and h.kind = 'updates' and (h.sources = '[]'::jsonb or h.sources ? $2) and hh.host in (select jsonb_array_elements_text($1::jsonb))
       and (hh.state <> 'resumed' or hh.detail like 'has no %')`,
    [JSON.stringify(hosts), source],
  );
  const covered = new Set(rows.map(({ host }) => host));
  return hosts.filter((host) => !covered.has(host));
}
