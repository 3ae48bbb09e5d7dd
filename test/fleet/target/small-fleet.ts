import type { Fleet } from '../../../src/fleet/fleet.ts';
import type { Facts, FactValue, Host, HostState } from '../../../src/fleet/host.ts';
import type { TargetWorld } from '../../../src/fleet/target/resolve.ts';

/** A fleet of bare names, for targets. */
export function fleetOf(names: readonly string[], groups: Record<string, string[]> = {}, vars: Record<string, Record<string, FactValue>> = {}): Fleet {
  const hosts = new Map<string, Host>(
    names.map((name) => [
      name,
      {
        name,
        address: name,
        port: 22,
        groups: Object.keys(groups).filter((group) => groups[group]?.includes(name)),
        redundancy: [],
        vars: vars[name] ?? {},
        ssh: { jump: [], identityFiles: [], knownHosts: [], transport: 'ssh2' },
      },
    ]),
  );
  return { hosts, groups: new Map([['all', [...names]], ...Object.entries(groups)]) };
}

/** What the last check found, by host. */
export function statesOf(facts: Record<string, Facts>): Map<string, HostState> {
  return new Map(Object.entries(facts).map(([host, known]) => [host, { host, reach: 'ok', askedAt: 0, answeredAt: 0, facts: known, findings: [] }]));
}

export function worldOf(fleet: Fleet, more: { live?: Record<string, string[]>; facts?: Record<string, Facts> } = {}): TargetWorld {
  const live = new Map(Object.entries(more.live ?? {}));
  return {
    fleet,
    live: async (name) => live.get(name),
    liveNames: async () => [...live.keys()],
    known: async () => statesOf(more.facts ?? {}),
  };
}
