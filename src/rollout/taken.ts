import type { RunView, World } from './shapes.ts';
import type { Taken } from './stages/stage.ts';

/** What is taken of budgets and memory as deciding begins; a host that begins takes its own. */
export function takenBy(run: RunView, world: Pick<World, 'held' | 'poolOf' | 'ownFreeMb'>): Taken {
  const counts = new Map<string, number>();
  const seen = new Set<string>();
  const elsewhere = new Map<string, string>();
  const hosts = new Set<string>();
  const mb = new Map<string, number>();
  const count = (budget: string, of: string, host: string): void => {
    // A second try of one host is one place.
    const key = `${budget}\n${of}\n${host}`;
    if (seen.has(key)) return;
    seen.add(key);
    counts.set(budget, (counts.get(budget) ?? 0) + 1);
  };
  for (const { budget, run: of, host } of world.held) {
    count(budget, of, host);
    if (of === run.id) hosts.add(host);
    else elsewhere.set(host, of);
  }
  for (const { host, state } of run.hosts) if (state === 'going') hosts.add(host);
  return {
    in: (budget) => counts.get(budget) ?? 0,
    own: (host, budget) => seen.has(`${budget}\n${run.id}\n${host}`),
    elsewhere: (host) => elsewhere.get(host),
    hosts,
    mb,
    take(host) {
      for (const budget of host.claims) count(budget, run.id, host.host);
      hosts.add(host.host);
      const pool = world.poolOf[host.host];
      if (pool !== undefined) mb.set(pool, (mb.get(pool) ?? 0) + (host.needsMb ?? 0) + (world.ownFreeMb?.[host.host] ?? 0));
    },
  };
}
