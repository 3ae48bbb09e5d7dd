import type { Fleet } from '../fleet/fleet.ts';
import type { HostView, World } from '../rollout/shapes.ts';
import type { Tx } from '../store/db.ts';

/**
 * Where the guests of a drained host go: the other hosts of its site that carry guests. Their free memory as last seen, less
 * what drains in flight have claimed. A pool of which one host's memory is not known counts what is known; one without any is absent.
 */
export async function freeMemory(tx: Tx, fleet: Fleet, waiting: readonly HostView[]): Promise<Pick<World, 'freeMb' | 'poolOf' | 'ownFreeMb'>> {
  const draining = waiting.filter(({ needsMb }) => needsMb);
  if (draining.length === 0) return { freeMb: {}, poolOf: {} };
  const poolOf: Record<string, string> = {};
  for (const { host } of draining) poolOf[host] = fleet.hosts.get(host)?.site ?? 'no site';
  const freeMb: Record<string, number> = {};
  const ownFreeMb: Record<string, number> = {};
  for (const pool of new Set(Object.values(poolOf))) {
    const members = [...fleet.hosts.values()].filter(({ site }) => (site ?? 'no site') === pool).map(({ name }) => name);
    const rows = await tx.query<{ host: string; free: number }>(
      `select host, (facts ->> 'mem_available_mb')::float8 as free from facts
       where facts ? 'guests' and facts ? 'mem_available_mb' and reach = 'ok' and host in (select jsonb_array_elements_text($1::jsonb))`,
      [JSON.stringify(members)],
    );
    const claims = await tx.query<{ host: string; mb: number }>(
      `select host, coalesce((planned ->> 'needsMb')::float8, 0) as mb from run_hosts
       where ((state = 'going') or (state = 'ended' and started is not null and ended is null)) and planned ? 'needsMb' and host in (select jsonb_array_elements_text($1::jsonb))`,
      [JSON.stringify(members)],
    );
    const away = new Set(claims.map(({ host }) => host));
    for (const row of rows) ownFreeMb[row.host] = away.has(row.host) ? 0 : row.free;
    const there = rows.filter(({ host }) => !away.has(host));
    if (there.length > 0) freeMb[pool] = there.reduce((sum, { free }) => sum + free, 0) - claims.reduce((sum, { mb }) => sum + mb, 0);
  }
  return { freeMb, poolOf, ownFreeMb };
}
