import type { RunView, World } from './shapes.ts';
import type { Taken } from './stages/stage.ts';

/** What is taken of budgets and memory; a host that begins takes its own. Counted when it is first asked for, as it mostly is not. */
export function takenBy(run: RunView, world: Pick<World, 'held' | 'poolOf' | 'ownFreeMb'>): Taken {
  let counted: Counted | undefined;
  let begun = 0;
  const all = (): Counted => {
    counted ??= count(run, world.held);
    return counted;
  };
  return {
    others(budget, host) {
      const places = all().places.get(budget);
      return places ? places.size - (places.has(host) ? 1 : 0) : 0;
    },
    by(budget, host) {
      const { places, ended } = all();
      const who: string[] = [];
      for (const place of places.get(budget) ?? []) {
        if (place === host) continue;
        if (who.push(ended.get(place) ?? place) === SHOWN) break;
      }
      const more = this.others(budget, host) - who.length;
      return `${who.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    },
    elsewhere: (host) => all().elsewhere.get(host),
    isBusy: (host) => all().busy.has(host),
    busy: () => all().busy.size,
    begun: () => begun,
    mb: (pool) => all().mb.get(pool) ?? 0,
    take(host) {
      begun++;
      const { places, busy, mb } = all();
      for (const budget of host.claims) put(places, budget, host.host);
      busy.add(host.host);
      const pool = world.poolOf[host.host];
      if (pool !== undefined) mb.set(pool, (mb.get(pool) ?? 0) + (host.needsMb ?? 0) + (world.ownFreeMb?.[host.host] ?? 0));
    },
  };
}

interface Counted {
  /** Budget → hosts: one host is one place, however many runs are concerned with it and however often it was tried. */
  places: Map<string, Set<string>>;
  elsewhere: Map<string, string>;
  busy: Set<string>;
  mb: Map<string, number>;
  /** Hosts as they are said: `web01`, `web01: lost`, `R2 web03`. */
  ended: Map<string, string>;
}

/** Of those who hold a budget. */
const SHOWN = 4;

function count(run: RunView, held: World['held']): Counted {
  const counted: Counted = { places: new Map(), elsewhere: new Map(), busy: new Set(), mb: new Map(), ended: new Map() };
  for (const { budget, run: of, host } of held) {
    put(counted.places, budget, host);
    if (of !== run.id) counted.ended.set(host, `${of} ${host}`);
    if (of === run.id) counted.busy.add(host);
    else counted.elsewhere.set(host, of);
  }
  for (const { host, state, outcome } of run.hosts) {
    if (state === 'going') counted.busy.add(host);
    counted.ended.set(host, state === 'ended' ? `${host}: ${outcome}` : host);
  }
  return counted;
}

function put(places: Map<string, Set<string>>, budget: string, place: string): void {
  const set = places.get(budget);
  if (set) set.add(place);
  else places.set(budget, new Set([place]));
}
