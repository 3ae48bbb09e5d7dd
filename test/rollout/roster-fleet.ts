import { DEFAULTS, type Defaults } from '../../src/config/defaults.ts';
import type { Fleet } from '../../src/fleet/fleet.ts';
import type { Facts, Host, HostState } from '../../src/fleet/host.ts';
import type { PlanInput } from '../../src/rollout/plan.ts';
import { HOSTS } from '../../src/sandbox/roster.ts';

export const defaults = Object.fromEntries(Object.entries(DEFAULTS).map(([name, { value }]) => [name, value])) as unknown as Defaults;

export type HostSketch = Pick<Host, 'name'> & Partial<Omit<Host, 'name' | 'redundancy'>> & { redundancy?: string[] };

/** A fleet of which only what matters here is said; sites, rings and redundancy groups are groups, as in the inventory. */
export function sketch(hosts: readonly HostSketch[], groups: Record<string, readonly string[]> = {}): Fleet {
  const members = new Map<string, string[]>([
    ['all', hosts.map(({ name }) => name)],
    ...Object.entries(groups).map(([name, list]): [string, string[]] => [name, [...list]]),
  ]);
  const finished = new Map<string, Host>();
  for (const { name, redundancy = [], ...rest } of hosts) {
    const own = [rest.site, rest.ring, ...redundancy].filter((group) => group !== undefined);
    for (const group of own) {
      const list = members.get(group);
      if (!list) members.set(group, [name]);
      else if (!list.includes(name)) list.push(name);
    }
    const listed = Object.keys(groups).filter((group) => groups[group]?.includes(name));
    finished.set(name, {
      name,
      address: name,
      port: 22,
      vars: {},
      ssh: { jump: [], identityFiles: [], knownHosts: [], transport: 'ssh2' },
      ...rest,
      redundancy,
      groups: [...new Set([...own, ...listed])],
    });
  }
  return { hosts: finished, groups: members };
}

/** The sandbox's fleet, as its configuration says it. */
export function rosterFleet(): Fleet {
  const kinds = [...new Set(HOSTS.map(({ kind }) => kind))];
  return sketch(
    HOSTS.map(({ name, site, ring, parent, redundancy, alertPath }) => ({
      name,
      site,
      ring,
      ...(parent && { parent }),
      ...(redundancy && { redundancy: [redundancy] }),
      ...(alertPath && { alertPath }),
    })),
    Object.fromEntries(kinds.map((kind) => [kind, HOSTS.filter((host) => host.kind === kind).map(({ name }) => name)])),
  );
}

/** A reboot of hosts of a fleet, asked by a person; what a test is about is said over it. */
export function reboot(fleet: Fleet, hosts: readonly string[], more: Partial<PlanInput> = {}): PlanInput {
  return {
    run: 'R1',
    job: 'reboot',
    params: {},
    expression: hosts.join(','),
    mode: 'do',
    risk: 'disrupt',
    compare: true,
    targets: hosts.map((name) => ({ host: fleet.hosts.get(name) as Host, foreseen: foreseen() })),
    asking: { by: 'you', source: 'person' },
    fleet,
    groups: {},
    known: new Map(),
    defaults,
    ...more,
  };
}

export const MIN = 60_000;

export const foreseen = (more: Partial<NonNullable<PlanInput['targets'][number]['foreseen']>> = {}) => ({
  does: 'reboot into 6.1.0-41',
  estimate: { p50: 2 * MIN, p95: 5 * MIN },
  class: 'vm',
  ...more,
});

export const seen = (facts: Record<string, Facts>): Map<string, HostState> =>
  new Map(Object.entries(facts).map(([host, known]) => [host, { host, reach: 'ok', askedAt: 0, answeredAt: 0, facts: known, findings: [] }]));

/** Hosts wave by wave. */
export const wavesIn = (plan: { hosts: readonly { host: string; wave?: number }[]; waves: number }): string[][] =>
  Array.from({ length: plan.waves }, (_, at) => plan.hosts.filter(({ wave }) => wave === at).map(({ host }) => host));
