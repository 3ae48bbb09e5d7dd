import type { Problem } from '../../config/problem.ts';
import type { Step } from '../target/expression.ts';
import { selectHosts } from '../target/select.ts';
import type { Origin } from './draft.ts';
import type { GatheredHost } from './gather.ts';
import type { DeclaredGroup } from './input.ts';

/** Groups while the fleet is put together. Sites, rings and redundancy groups are among them from the start. */
export interface Groups {
  ensure(group: string): void;
  add(group: string, host: string): void;
  select(steps: readonly Step[]): string[];
  /** Gives the members of a declared group its site, ring and redundancy; a host's own go first. */
  placeMembers(group: string, declared: DeclaredGroup, origin: Origin, problems: Problem[]): void;
  /** Name → hosts in inventory order. */
  finished(): Map<string, string[]>;
}

export function groupsOf(hosts: ReadonlyMap<string, GatheredHost>, named: Iterable<string>): Groups {
  const order = [...hosts.keys()];
  const members = new Map<string, string[]>([['all', order]]);
  const placedBy = new Map<string, string>();

  const ensure = (group: string): string[] => {
    let list = members.get(group);
    if (!list) {
      list = [];
      members.set(group, list);
    }
    return list;
  };
  const add = (group: string, name: string): void => {
    const host = hosts.get(name) as GatheredHost;
    if (group === 'all') return;
    if (!host.groups.has(group)) host.groups.add(group);
    ensure(group).push(name);
  };
  for (const group of named) ensure(group);
  for (const [name, { groups, place }] of hosts) {
    for (const group of new Set([...groups, ...placesOf(place)])) add(group, name);
  }
  const once = (): Map<string, string[]> => new Map([...members].map(([group, list]) => [group, [...new Set(list)]]));

  return {
    ensure,
    add: (group, name) => {
      if (!hosts.get(name)?.groups.has(group)) add(group, name);
    },
    select: (steps) => selectHosts(steps, { hosts: order, groups: members, live: new Map(), liveNames: [] }),
    placeMembers(group, declared, origin, problems) {
      for (const name of ensure(group)) {
        const { place } = hosts.get(name) as GatheredHost;
        for (const kind of ['site', 'ring'] as const) {
          const wanted = declared[kind];
          if (wanted === undefined || place[kind] === wanted) continue;
          const other = placedBy.get(`${kind} ${name}`);
          if (place[kind] === undefined) {
            place[kind] = wanted;
            placedBy.set(`${kind} ${name}`, group);
            add(wanted, name);
          } else if (other) {
            problems.push({
              ...origin,
              says: `${name} gets ${kind} ${wanted} from group ${group} and ${place[kind]} from group ${other}: say which at the host itself.`,
            });
          }
        }
        if (!declared.redundancy) continue;
        const wanted = declared.redundancy === true ? group : declared.redundancy;
        place.redundancy ??= [];
        if (place.redundancy.includes(wanted)) continue;
        place.redundancy.push(wanted);
        if (wanted !== group) add(wanted, name);
      }
    },
    finished() {
      const at = new Map(order.map((name, index) => [name, index]));
      const lists = once();
      for (const list of lists.values()) list.sort((a, b) => (at.get(a) as number) - (at.get(b) as number));
      return lists;
    },
  };
}

const placesOf = ({ site, ring, redundancy }: GatheredHost['place']): string[] => [site, ring, ...(redundancy ?? [])].filter((one) => one !== undefined);
