import type { Fleet } from '../fleet/fleet.ts';
import type { Facts, HostState } from '../fleet/host.ts';

/** What runs on what: by the inventory, and by the guests that were seen running. Both count, for a guest may have moved. */
export interface Placement {
  /** Hosts of the fleet that go down with it, at any depth. */
  guestsOf(host: string): readonly string[];
  /** What it runs on, directly. */
  parentsOf(host: string): readonly string[];
  /** It carries guests, be they hosts of the fleet or not. */
  carries(host: string): boolean;
}

/** `known` of as many hosts as there are; of those without an answer only the inventory speaks. */
export function placementOf(fleet: Fleet, known: ReadonlyMap<string, HostState> = new Map()): Placement {
  const children = new Map<string, Set<string>>();
  const parents = new Map<string, Set<string>>();
  const place = (guest: string, parent: string): void => {
    if (guest === parent) return;
    addTo(children, parent, guest);
    addTo(parents, guest, parent);
  };
  for (const { name, parent } of fleet.hosts.values()) if (parent !== undefined) place(name, parent);
  const crowded = new Set(children.keys());
  for (const [host, { facts }] of known) {
    const guests = guestsSeen(facts);
    if (guests.length > 0) crowded.add(host);
    for (const guest of guests) if (fleet.hosts.has(guest)) place(guest, host);
  }
  const below = new Map<string, readonly string[]>();
  return {
    parentsOf: (host) => [...(parents.get(host) ?? [])],
    carries: (host) => crowded.has(host),
    guestsOf(host) {
      let guests = below.get(host);
      if (!guests) {
        guests = allBelow(host, children);
        below.set(host, guests);
      }
      return guests;
    },
  };
}

/** Names of guests a check saw running; they are hosts of the fleet only where the names agree. */
export function guestsSeen({ guests }: Facts): string[] {
  return Array.isArray(guests) ? guests.filter((guest) => typeof guest === 'string') : [];
}

function allBelow(host: string, children: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  // What was seen may go in a circle: a guest that moved, seen in two places at two times.
  const found = new Set<string>();
  const open = [host];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const guest of children.get(at) ?? []) {
      if (guest === host || found.has(guest)) continue;
      found.add(guest);
      open.push(guest);
    }
  }
  return [...found];
}

function addTo(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key);
  if (set) set.add(value);
  else map.set(key, new Set([value]));
}
