import type { Fleet } from '../fleet/fleet.ts';

/** What hosts stand on: those among them that carry guests, their parents, the parents of those. */
export interface StandsOn {
  /** What all of these hosts stand on, or are; the nearest first. */
  common(hosts: readonly string[]): string[];
  /** A host and everything that goes down with it. */
  withGuests(host: string): string[];
}

/** Worked out once for a fleet. */
export function standsOn(fleet: Fleet): StandsOn {
  const before = worked.get(fleet);
  if (before) return before;
  const guests = new Map<string, string[]>();
  for (const { name, parent } of fleet.hosts.values()) {
    if (parent === undefined) continue;
    const own = guests.get(parent);
    if (own) own.push(name);
    else guests.set(parent, [name]);
  }
  const chain = (host: string): string[] => {
    const found = guests.has(host) ? [host] : [];
    let above = fleet.hosts.get(host)?.parent;
    // An inventory may say that two hosts stand on each other.
    while (above !== undefined && !found.includes(above)) {
      found.push(above);
      above = fleet.hosts.get(above)?.parent;
    }
    return found;
  };
  const made: StandsOn = {
    common(hosts) {
      const [first, ...others] = hosts;
      if (first === undefined) return [];
      const chains = others.map((host) => new Set(chain(host)));
      return chain(first).filter((one) => chains.every((other) => other.has(one)));
    },
    withGuests(host) {
      const all = new Set([host]);
      for (const one of all) for (const guest of guests.get(one) ?? []) all.add(guest);
      return [...all];
    },
  };
  worked.set(fleet, made);
  return made;
}

const worked = new WeakMap<Fleet, StandsOn>();
