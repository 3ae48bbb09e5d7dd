import { access, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { Problem } from '../../config/problem.ts';
import type { FactValue } from '../host.ts';
import { readAnsible } from './ansible.ts';
import { runAnsibleCommand } from './ansible-command.ts';
import { type Place, readAnsibleHost } from './ansible-connection.ts';
import type { Connection } from './connection.ts';
import { type Origin, sayOrigin } from './draft.ts';
import { inherit } from './inherit.ts';
import type { FleetInput, Source } from './input.ts';
import { askSshConfig, type SshConfig } from './ssh-config.ts';
import { readSshConfig } from './ssh-config-read.ts';

/** A host as all sources together have it, before groups, sites and ssh configs are applied. */
export interface GatheredHost {
  name: string;
  origin: Origin;
  groups: Set<string>;
  connection: Connection;
  place: Place;
  vars: Record<string, FactValue>;
}

export interface Gathered {
  hosts: Map<string, GatheredHost>;
  /** Groups of the sources, also those without members. */
  groups: Set<string>;
  configs: SshConfig[];
}

/** Reads every source; hosts stand in the order of the sources, then as written. */
export async function gather(input: FleetInput, problems: Problem[]): Promise<Gathered> {
  const gathered: Gathered = { hosts: new Map(), groups: new Set(), configs: [] };
  const paths = pathsOf(input);
  const read = await Promise.all(input.sources.map((source, index) => readSource(source, { input, paths, origin: originIn(input, index) })));
  for (const piece of read) {
    problems.push(...piece.problems);
    if (piece.config) gathered.configs.push(piece.config);
    for (const group of piece.groups) gathered.groups.add(group);
    for (const host of piece.hosts) merge(gathered.hosts, host, problems);
  }
  const general = await generalConfig(input, paths, gathered.configs, problems);
  if (general) gathered.configs.push(general);
  return gathered;
}

/** `~` and paths relative to the configuration file. */
export function pathsOf(input: FleetInput): (path: string) => string {
  const folder = dirname(resolve(input.file));
  return (path) => {
    if (path === '~' || path.startsWith('~/')) return join(input.home, path.slice(1));
    return isAbsolute(path) ? path : join(folder, path);
  };
}

interface Piece {
  hosts: GatheredHost[];
  groups: string[];
  problems: Problem[];
  config?: SshConfig;
}

interface Reading {
  input: FleetInput;
  paths: (path: string) => string;
  /** The entry of `inventory:` in the configuration. */
  origin: Origin;
}

const originIn = (input: FleetInput, index: number): Origin => ({ file: input.file, ...input.at?.(['inventory', index]) });

async function readSource(source: Source, { input, paths, origin }: Reading): Promise<Piece> {
  const problems: Problem[] = [];
  const file = 'ansible_command' in source ? undefined : paths('ansible' in source ? source.ansible : source.ssh_config);
  const isThere = file === undefined || (await exists(file));
  if (!isThere)
    return { hosts: [], groups: [], problems: [{ ...origin, says: `There is no file ${file}: mend the path; it starts from the folder of ${input.file}.` }] };
  if (file !== undefined) problems.push(...(await openToAll(file)));
  if ('ssh_config' in source) {
    const text = await readSshConfig(paths(source.ssh_config), input.home, problems);
    const config = askSshConfig(text, input.home);
    const hosts = [...text.names].map(([name, origin]) => newHost(name, origin));
    return { hosts, groups: [], problems, config };
  }
  const { draft, folders } =
    'ansible' in source
      ? await readAnsible(paths(source.ansible))
      : { draft: await runAnsibleCommand(source.ansible_command, dirname(resolve(input.file)), origin), folders: { groups: new Map(), hosts: new Map() } };
  const inherited = inherit(draft, folders);
  problems.push(...inherited.problems);
  const hosts = inherited.hosts.map((host) => {
    const { connection, place, vars } = readAnsibleHost(host, paths, problems);
    return { name: host.name, origin: host.origin, groups: new Set(host.groups), connection, place, vars };
  });
  return { hosts, groups: inherited.groups, problems };
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Inventories and ssh configs name proxy commands, and those are run. */
async function openToAll(file: string): Promise<Problem[]> {
  const found = await stat(file).catch(() => undefined);
  return found && found.mode & 0o002
    ? [{ file, says: `Everyone on this machine can change it, and it may name commands that are run: \`chmod o-w ${file}\`.` }]
    : [];
}

export function newHost(name: string, origin: Origin): GatheredHost {
  return { name, origin, groups: new Set(), connection: {}, place: {}, vars: {} };
}

/** What two sources say of one host is joined; where they send us to different machines it is a problem. */
function merge(hosts: Map<string, GatheredHost>, host: GatheredHost, problems: Problem[]): void {
  const before = hosts.get(host.name);
  if (!before) {
    hosts.set(host.name, host);
    return;
  }
  for (const [what, one, other] of [
    ['address', before.connection.address, host.connection.address],
    ['port', before.connection.port, host.connection.port],
    ['user', before.connection.user, host.connection.user],
    ['site', before.place.site, host.place.site],
    ['ring', before.place.ring, host.place.ring],
    ['parent', before.place.parent, host.place.parent],
  ] as const) {
    if (one === undefined || other === undefined || one === other) continue;
    problems.push({ ...host.origin, says: `${host.name} has ${what} ${other} here and ${one} ${sayOrigin(before.origin, host.origin)}: keep one of them.` });
  }
  for (const group of host.groups) before.groups.add(group);
  before.connection = { ...host.connection, ...before.connection };
  before.place = { ...host.place, ...before.place };
  before.vars = { ...host.vars, ...before.vars };
}

/** `ssh.config`, else `~/.ssh/config` where no source is an ssh config itself. */
async function generalConfig(
  input: FleetInput,
  paths: (path: string) => string,
  configs: readonly SshConfig[],
  problems: Problem[],
): Promise<SshConfig | undefined> {
  if (!input.ssh.config && configs.length > 0) return undefined;
  const file = input.ssh.config ? paths(input.ssh.config) : join(input.home, '.ssh', 'config');
  if (configs.some((config) => config.file === file)) return undefined;
  if (!input.ssh.config && !(await exists(file))) return undefined;
  problems.push(...(await openToAll(file)));
  return askSshConfig(await readSshConfig(file, input.home, problems), input.home);
}
