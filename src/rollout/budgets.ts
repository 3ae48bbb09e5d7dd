import type { Defaults } from '../config/defaults.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Host } from '../fleet/host.ts';
import type { Pace } from '../jobs.ts';
import type { Placement } from './placement.ts';

/** How many of a group may be in a change at once, as `groups:` says it. */
export interface GroupLimit {
  at_once?: { hosts: number } | { share: number };
  quorum?: boolean;
}

export interface BudgetWorld {
  fleet: Fleet;
  placement: Placement;
  groups: Readonly<Record<string, GroupLimit>>;
  defaults: Defaults;
  pace: Pick<Pace, 'site' | 'unbounded'>;
}

export interface Budgets {
  /**
   * Budgets a host takes one place in each: its site, its parent, its groups that must not be down together, and, as it
   * takes its guests down with it, theirs. `run:R1` where a run is named.
   */
  claims(host: Host, run?: string): string[];
  /** Most at once; at least 1. Not of `run:`, which the plan sets. */
  limit(budget: string): number;
}

export function budgetsOf({ fleet, placement, groups, defaults, pace }: BudgetWorld): Budgets {
  const clusters = membership(fleet, groups, ({ quorum }) => quorum === true);
  const counted = membership(fleet, groups, ({ quorum, at_once }) => !quorum && at_once !== undefined);

  const claims = (host: Host, run?: string): string[] => {
    const own = run === undefined ? [] : [`run:${run}`];
    if (pace.unbounded) return own;
    const all = new Set(own);
    const site = host.site ?? NO_SITE;
    all.add(`site:${site}`);
    for (const parent of placement.parentsOf(host.name)) all.add(`parent:${parent}`);
    if (placement.carries(host.name)) {
      all.add(`hypervisors:${site}`);
      all.add(`parent:${host.name}`);
    }
    for (const group of counted.get(host.name) ?? []) all.add(`group:${group}`);
    for (const name of [host.name, ...placement.guestsOf(host.name)]) {
      if (name !== host.name && placement.carries(name)) all.add(`parent:${name}`);
      for (const group of fleet.hosts.get(name)?.redundancy ?? []) all.add(`redundancy:${group}`);
      for (const cluster of clusters.get(name) ?? []) all.add(`cluster:${cluster}`);
    }
    return [...all];
  };

  const limits = new Map<string, number>();
  const limit = (budget: string): number => {
    let most = limits.get(budget);
    if (most === undefined) {
      // Infinity would be null in the database.
      most = Math.min(Math.max(1, work(budget)), Number.MAX_SAFE_INTEGER);
      limits.set(budget, most);
    }
    return most;
  };
  const work = (budget: string): number => {
    const [kind, name] = splitBudget(budget);
    if (kind === 'site') return pace.site ?? defaults['batch.site'];
    if (kind === 'hypervisors') return defaults['batch.hypervisors_per_site'];
    if (kind === 'parent') return defaults['batch.parent'];
    const members = fleet.groups.get(name) ?? [];
    if (kind === 'redundancy') return asClaims(defaults['batch.redundancy'], members, placement);
    const said = atOnce(groups[name], members.length);
    if (kind === 'group') return said ?? 1;
    if (kind !== 'cluster') throw new Error(`no such budget: ${budget}`);
    const quorum = defaults['batch.keep_quorum'] ? quorumAllows(members.length) : members.length;
    return asClaims(Math.min(said ?? defaults['batch.cluster'], quorum), members, placement);
  };
  return { claims, limit };
}

/** Members that may be away while the others are still more than half. */
export const quorumAllows = (members: number): number => Math.floor((members - 1) / 2);

/** `hypervisors:bne` → kind and name; names may have colons. */
export function splitBudget(budget: string): [kind: string, name: string] {
  const colon = budget.indexOf(':');
  return [budget.slice(0, colon), budget.slice(colon + 1)];
}

/** Hosts of which nobody said where they stand may all stand in one place. No site can be called so. */
const NO_SITE = '-';

/**
 * A host takes one place, though with a parent several members may go down: then each claim is counted as the largest.
 * Worked out over the whole fleet, so that every run comes to the same number.
 */
function asClaims(most: number, members: readonly string[], placement: Placement): number {
  if (most <= 1) return most;
  const carried = new Map<string, number>();
  for (const member of members) {
    for (const carrier of above(member, placement)) carried.set(carrier, (carried.get(carrier) ?? 0) + 1);
  }
  return Math.floor(most / Math.max(1, ...carried.values()));
}

/** The host itself and everything it runs on, at any depth. */
function above(host: string, placement: Placement): Set<string> {
  const found = new Set([host]);
  for (const name of found) for (const parent of placement.parentsOf(name)) found.add(parent);
  return found;
}

function atOnce(group: GroupLimit | undefined, members: number): number | undefined {
  const said = group?.at_once;
  if (!said) return undefined;
  return 'hosts' in said ? said.hosts : Math.floor((members * said.share) / 100);
}

function membership(fleet: Fleet, groups: BudgetWorld['groups'], wanted: (group: GroupLimit) => boolean): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [name, group] of Object.entries(groups)) {
    if (!wanted(group)) continue;
    for (const host of fleet.groups.get(name) ?? []) {
      const list = found.get(host);
      if (list) list.push(name);
      else found.set(host, [name]);
    }
  }
  return found;
}
