import type { Queries } from '../store/db.ts';
import type { HeldState } from './rows.ts';
import { sayLacks } from './sources.ts';

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

/** Of these hosts, those on which a hold stops this source (or goes on trying to), and those that were found not to have it. */
export async function pausedFrom(db: Queries, hosts: readonly string[], source: string): Promise<{ covered: Set<string>; without: Set<string> }> {
  const rows = await db.query<{ host: string; state: HeldState; detail: string | null }>(
    `select hh.host, hh.state, hh.detail from hold_hosts hh join holds h on h.id = hh.hold
     where h.state = 'open' and h.kind = 'updates' and (h.sources = '[]'::jsonb or h.sources ? $2) and hh.host in (select jsonb_array_elements_text($1::jsonb))`,
    [JSON.stringify(hosts), source],
  );
  const lacks = (detail: string | null): boolean => detail === sayLacks([source]) || detail === sayLacks([]);
  return {
    covered: new Set(rows.filter(({ state }) => state !== 'resumed').map(({ host }) => host)),
    without: new Set(rows.filter(({ state, detail }) => state === 'resumed' && lacks(detail)).map(({ host }) => host)),
  };
}
