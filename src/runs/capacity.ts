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
  const siteOf = (host: string): string => fleet.hosts.get(host)?.site ?? 'no site';
  const poolOf: Record<string, string> = Object.fromEntries(draining.map(({ host }) => [host, siteOf(host)]));
  const rows = await tx.query<{ host: string; free: number }>(
    `select host, (facts ->> 'mem_available_mb')::float8 as free from facts where facts ? 'guests' and facts ? 'mem_available_mb' and reach = 'ok'`,
  );
  const claims = await tx.query<{ host: string; mb: number }>(
    `select host, coalesce((planned ->> 'needsMb')::float8, 0) as mb from run_hosts
     where (state = 'going' or (state = 'ended' and started is not null and ended is null)) and planned ? 'needsMb'`,
  );
  const away = new Set(claims.map(({ host }) => host));
  const freeMb: Record<string, number> = {};
  const ownFreeMb: Record<string, number> = {};
  for (const pool of new Set(Object.values(poolOf))) {
    const members = rows.filter(({ host }) => fleet.hosts.has(host) && siteOf(host) === pool);
    for (const { host, free } of members) ownFreeMb[host] = away.has(host) ? 0 : free;
    const there = members.filter(({ host }) => !away.has(host));
    const claimed = claims.filter(({ host }) => fleet.hosts.has(host) && siteOf(host) === pool).reduce((sum, { mb }) => sum + mb, 0);
    if (there.length > 0) freeMb[pool] = there.reduce((sum, { free }) => sum + free, 0) - claimed;
  }
  return { freeMb, poolOf, ownFreeMb };
}
