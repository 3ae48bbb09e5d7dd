import type { Fleet } from '../fleet/fleet.ts';
import type { Host } from '../fleet/host.ts';
import { foldNames } from '../fleet/target/fold.ts';
import { type GroupLimit, quorumAllows } from './budgets.ts';
import type { Placement } from './placement.ts';

/** What goes down with this host that was not meant to: the alert path, a whole redundancy group, the quorum of a cluster. */
export function warningsOf(host: Host, fleet: Fleet, placement: Placement, groups: Readonly<Record<string, GroupLimit>>): string[] {
  const down = [host, ...placement.guestsOf(host.name).map((guest) => fleet.hosts.get(guest) as Host)];
  const warnings: string[] = [];
  const alertPath = down.filter(({ alertPath }) => alertPath).map(({ name }) => name);
  if (alertPath.length > 0) warnings.push(`the alert path goes down with it: ${foldNames(alertPath)}; hand over first`);

  const touched = new Map<string, string[]>();
  for (const { name, redundancy, groups: member } of down) {
    for (const group of new Set([...redundancy, ...member.filter((group) => groups[group]?.quorum)])) touched.set(group, [...(touched.get(group) ?? []), name]);
  }
  for (const [group, names] of touched) {
    const members = fleet.groups.get(group)?.length ?? names.length;
    if (groups[group]?.quorum && names.length > quorumAllows(members)) {
      warnings.push(`@${group} loses its quorum: ${names.length} of its ${members} go down with it (${foldNames(names)})`);
    } else if (names.length > 1) {
      warnings.push(`${names.length} of the ${members} of @${group} go down with it: ${foldNames(names)}`);
    }
  }
  return warnings;
}
