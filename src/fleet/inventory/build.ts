import type { Problem } from '../../config/problem.ts';
import type { Fleet } from '../fleet.ts';
import type { FactValue, Host } from '../host.ts';
import { checkFleet } from './check.ts';
import { addDeclaredGroups, addDeclaredHosts } from './declared.ts';
import { type GatheredHost, gather, pathsOf } from './gather.ts';
import { groupsOf } from './groups.ts';
import { type Reachable, reachOf } from './reach.ts';

/** Where hosts come from, as `holdfast.yaml` says it. */
export interface FleetInput {
  /** The configuration file: named in problems, and relative paths start from its folder. */
  file: string;
  /** What `~` stands for. */
  home: string;
  sources: readonly Source[];
  hosts: Readonly<Record<string, DeclaredHost>>;
  groups: Readonly<Record<string, DeclaredGroup>>;
  sites: Readonly<Record<string, { jump?: string[] }>>;
  ssh: SshDefaults;
  /** Where in `file` a value stands, for problems: `['groups', 'web', 'hosts']`, or its nearest ancestor. */
  at?(path: readonly (string | number)[]): { line: number; column: number } | undefined;
}

export type Source =
  | { ansible: string }
  /** argv, no shell; prints what `ansible-inventory --list` prints. */
  | { ansible_command: string[] }
  | { ssh_config: string };

export interface DeclaredHost {
  address?: string;
  port?: number;
  user?: string;
  groups?: string[];
  site?: string;
  ring?: string;
  parent?: string;
  redundancy?: string | string[];
  alert_path?: boolean;
  vars?: Record<string, FactValue>;
  jump?: string | string[];
}

export interface DeclaredGroup {
  /** A target over the other hosts and groups: `web[01-20]`, `@web!web01`. */
  hosts?: string;
  site?: string;
  ring?: string;
  /** `true` = the group itself is a redundancy group; a text names the one its members are in. */
  redundancy?: boolean | string;
}

export interface SshDefaults {
  user?: string;
  identity_files?: string[];
  known_hosts?: string[];
  /** Path of the agent's socket. */
  agent?: string;
  /** An ssh config whose connection settings apply to every host. */
  config?: string;
}

/**
 * The whole inventory and everything wrong with it. The fleet is usable only when there are no problems; it never
 * throws for a file's sake.
 */
export async function buildFleet(input: FleetInput): Promise<{ fleet: Fleet; problems: Problem[] }> {
  const problems: Problem[] = [];
  const gathered = await gather(input, problems);
  addDeclaredHosts(gathered, input, problems);
  const groups = groupsOf(gathered.hosts, gathered.groups);
  addDeclaredGroups(groups, input, problems);
  const reach = await reachOf(gathered, input, pathsOf(input));
  const hosts = new Map<string, Host>();
  for (const host of gathered.hosts.values()) hosts.set(host.name, finish(host, await reach(host)));
  const fleet: Fleet = { hosts, groups: groups.finished() };
  problems.push(...checkFleet(fleet, gathered.hosts));
  return { fleet, problems };
}

function finish(host: GatheredHost, { address, port, user, ssh }: Reachable): Host {
  const { site, ring, parent, redundancy = [], alertPath } = host.place;
  return {
    name: host.name,
    address,
    port,
    ...(user !== undefined && { user }),
    groups: [...host.groups],
    ...(site !== undefined && { site }),
    ...(ring !== undefined && { ring }),
    ...(parent !== undefined && { parent }),
    redundancy,
    ...(alertPath && { alertPath }),
    vars: host.vars,
    ssh,
  };
}
