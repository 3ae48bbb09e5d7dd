import type { RunView, World } from '../../../src/rollout/shapes.ts';
import { defaults } from '../a-run.ts';
import { DAY, P95 } from './fleet.ts';
import type { Live, Sim } from './sim.ts';

/** The view as the shell gives it, or, as good, with the hosts of all later waves. */
export function viewOf(sim: Sim, { view, all }: Live): RunView {
  if (!sim.chance.odds(0.3)) return view;
  const there = new Set(view.hosts.map(({ host }) => host));
  return { ...view, hosts: [...view.hosts, ...[...all.values()].filter(({ host, wave }) => wave > view.wave && !there.has(host))] };
}

export function worldOf(sim: Sim, { sim: { id, windows }, view }: Live): World {
  const { now, fleet, slots } = sim;
  const world: World = {
    now,
    held: slots,
    incidents: sim.incidents.filter(({ run, known }) => run === id && !known).map((one) => ({ id: one.id, severity: 'major', title: 'shop is down' })),
    windows: {},
    freeMb: {},
    ownFreeMb: {},
    poolOf: {},
    excluded: {},
    untouched: { hosts: 25, died: 4 },
    zone: 'UTC',
    defaults,
  };
  if (sim.stopped) world.stopped = { by: 'ada' };
  for (const host of sim.rules) world.excluded[host] = { rule: 'E1', because: 'does not boot' };
  const away = new Set(slots.map(({ host }) => host));
  for (const { name, needsMb, freeMb } of fleet) {
    if (needsMb === undefined) continue;
    world.poolOf[name] = 'kvm';
    if (!sim.memoryUnknown) world.freeMb['kvm'] = (world.freeMb['kvm'] ?? 0) + (away.has(name) ? -needsMb : freeMb);
    if (!away.has(name)) (world.ownFreeMb as Record<string, number>)[name] = freeMb;
  }
  if (windows) {
    for (const { host, state, class: kind } of view.hosts) {
      const site = fleet.find(({ name }) => name === host)?.site;
      if (state === 'waiting' && site !== undefined) world.windows[host] = opening(windows[site] as { from: number; until: number }, now, P95[kind] as number);
    }
  }
  return world;
}

/** Daily; open only where there is time enough, else the next one. */
function opening(hours: { from: number; until: number }, now: number, p95: number): World['windows'][string] {
  const midnight = now - (now % DAY);
  for (let day = midnight - DAY; ; day += DAY) {
    const [opens, closes] = [day + hours.from, day + hours.until];
    if (Math.max(now, opens) + p95 <= closes) return { open: opens <= now, opens, closes, says: 'daily' };
  }
}
