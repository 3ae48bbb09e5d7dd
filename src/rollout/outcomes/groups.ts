import { textFact } from '../../fleet/hazards/hazard.ts';
import { parseVersion } from '../../fleet/target/versions.ts';
import type { Attribute } from './attributes.ts';
import { isBad, type TouchedHost } from './touched.ts';

/** Hosts that are alike in one attribute. */
export interface Group {
  /** `xen 4.2`, `nitro` */
  label: string;
  bad: number;
  of: number;
  /** The values they have; empty = absent. */
  values: string[];
}

/** Versions are taken to as many numbers as part best, the fewest that do: `4.2` of `4.2.amazon`. */
export function groupsOf(attribute: Attribute, hosts: readonly TouchedHost[]): Group[] {
  if (attribute.kind === 'uptime') return byUptime(attribute, hosts);
  if (attribute.kind !== 'version') return grouped(attribute, hosts, (value) => value);
  const depths = [1, 2, 3, 4].map((depth) => grouped(attribute, hosts, (value) => parseVersion(value)?.slice(0, depth).join('.') ?? value));
  return depths.reduce((best, next) => (mixed(next) < mixed(best) ? next : best));
}

/** Hosts in the minority of their group: 0 where each group is of one mind. */
const mixed = (groups: readonly Group[]): number => groups.reduce((sum, { bad, of }) => sum + Math.min(bad, of - bad), 0);

function grouped({ name, of }: Attribute, hosts: readonly TouchedHost[], key: (value: string) => string): Group[] {
  const groups = new Map<string, Group>();
  for (const host of hosts) {
    const value = of(host);
    const label = value === undefined ? absent(name, host) : `${name} ${key(value)}`;
    const group = groups.get(label) ?? { label, bad: 0, of: 0, values: [] };
    groups.set(label, group);
    group.of++;
    if (isBad(host.outcome)) group.bad++;
    if (value !== undefined && !group.values.includes(value)) group.values.push(value);
  }
  return [...groups.values()];
}

/** A host without Xen stands on something else, which says more than that it has none. */
function absent(attribute: string, { facts }: TouchedHost): string {
  if (attribute !== 'xen' && attribute !== 'hypervisor') return `no ${attribute}`;
  const virt = textFact(facts, 'virt');
  if (virt === 'amazon' || (virt === 'kvm' && facts['cloud'] === 'aws')) return 'nitro';
  if (virt === 'none') return 'bare metal';
  return virt ?? `no ${attribute}`;
}

/** Two groups, at the gap that parts best: counters run over after so many days. */
function byUptime({ of, name }: Attribute, hosts: readonly TouchedHost[]): Group[] {
  const known = hosts.filter((host) => of(host) !== undefined);
  const days = [...new Set(known.map((host) => Math.floor(Number(of(host)) / DAY)))].sort((a, b) => a - b);
  const parted = days.slice(1).map((limit) => grouped({ name, kind: 'uptime', of: (host) => over(of(host), limit) }, known, (side) => side));
  return parted.reduce<Group[]>((best, next) => (best.length === 0 || mixed(next) < mixed(best) ? next : best), []);
}

const over = (uptime: string | undefined, limit: number): string => (Math.floor(Number(uptime) / DAY) >= limit ? `>= ${limit}d` : `< ${limit}d`);

/** Seconds. */
const DAY = 86_400;
