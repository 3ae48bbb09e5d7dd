import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Fleet } from '../fleet/fleet.ts';
import { buildFleet } from '../fleet/inventory/build.ts';
import type { Source } from '../fleet/inventory/input.ts';
import { foldNames } from '../fleet/target/fold.ts';
import { zoneOfMachine } from '../zone.ts';
import { confirmKeys, type Scan } from './confirm-keys.ts';
import { personName } from './fields.ts';
import { likelyInventories, likelySshConfig, type NamedSources, namedSources } from './find-inventory.ts';
import { firstConfig } from './first-config.ts';
import { ConfigProblems, type Loaded, loadConfig, sayProblem } from './load.ts';
import type { Problem } from './problem.ts';
import { sshLimits } from './ssh-limits.ts';

export interface Init extends NamedSources {
  /** The file to write. */
  out: string;
  home: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Somebody is there to be asked. */
  interactive: boolean;
  print(line: string): void;
  /** A question answered with yes or no. */
  ask?(question: string): Promise<boolean>;
  /** Shows the host keys; without it none is looked at. */
  scan?: Scan;
  /** What the first admin is told, with a one-time code. */
  hello?(dataDir: string): Promise<string[]>;
  /** Write over a file that is there. */
  force?: boolean;
  /** Only the host keys, of a configuration that is there. */
  confirmKeys?: boolean;
}

/** `holdfast init`: writes a first configuration from the inventory that is there. Answers the exit code. */
export async function runInit(init: Init): Promise<number> {
  const out = resolve(init.out);
  try {
    if (init.confirmKeys) {
      await firstContact(init, await loadConfig(init.out, init));
      return 0;
    }
    if (existsSync(out) && !init.force) {
      init.print(`${init.out} is there already and was left as it is. Write over it with --force, or name another file with --out.`);
      return 1;
    }
    const found = await findSources(init, out);
    if (!found) return 1;
    const loaded = await write(init, out, found);
    report(init, found, loaded.fleet);
    await firstContact(init, loaded);
    for (const line of (await init.hello?.(loaded.config.data)) ?? []) init.print(line);
    init.print(`Next: npx holdfast exec --config ${init.out} 'check @all'`);
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigProblems)) throw error;
    for (const problem of error.problems) init.print(sayProblem(problem));
    return 1;
  }
}

/** Where names come from, and the ssh config that says how they are reached where it is none of those. */
interface Found {
  sources: Source[];
  sshConfig?: string;
}

/** The sources named, or the likeliest that bring hosts; what is wrong with them has been printed when there are none. */
async function findSources(init: Init, out: string): Promise<Found | undefined> {
  const named = whatWasNamed(init);
  if (named) {
    const { fleet, problems } = await look(init, out, named);
    if (problems.length > 0) throw new ConfigProblems(problems);
    if (fleet.hosts.size > 0) return named;
    init.print(`There is no host in ${sayFound(named)}. Hosts of an ssh config are its \`Host\` lines without wildcards.`);
    return undefined;
  }
  const sshConfig = likelySshConfig(init.home);
  const likely: Found[] = (await likelyInventories(init.env)).map((ansible) => ({ sources: [{ ansible }], ...(sshConfig && { sshConfig }) }));
  if (sshConfig) likely.push({ sources: [{ ssh_config: sshConfig }] });
  for (const found of likely) {
    const { fleet, problems } = await look(init, out, found);
    if (problems.length === 0 && fleet.hosts.size > 0) {
      init.print(`No source was named; found ${sayFound(found)}.`);
      return found;
    }
    if (problems.length > 0) init.print(`Passed over ${sayFound(found)}: ${sayProblem(problems[0] as Problem)}`);
  }
  init.print(
    'No inventory was found here, in /etc/ansible/hosts or in ~/.ssh/config. Name one: --ansible FILE, --ansible-command "ansible-inventory --list", --ssh-config FILE; or begin from examples/holdfast.yaml.',
  );
  return undefined;
}

/** Names come from Ansible and connections from ssh where both are named: an ssh config holds more than one's own hosts. */
function whatWasNamed(init: Init): Found | undefined {
  const sources = namedSources(init);
  const ansible = sources.filter((source) => !('ssh_config' in source));
  const config = sources.find((source) => 'ssh_config' in source)?.ssh_config;
  if (ansible.length === 0) return sources.length > 0 ? { sources } : undefined;
  const sshConfig = config ?? likelySshConfig(init.home);
  return { sources: ansible, ...(sshConfig && { sshConfig }) };
}

const look = (init: Init, out: string, { sources, sshConfig }: Found) =>
  buildFleet({ file: out, home: init.home, sources, hosts: {}, groups: {}, sites: {}, ssh: sshConfig === undefined ? {} : { config: sshConfig } });

/** Written beside, read back as a start would read it, and only then given its name. */
async function write(init: Init, out: string, { sources, sshConfig }: Found): Promise<Loaded> {
  const folder = dirname(out);
  const knownHosts = join(folder, 'known_hosts');
  const text = firstConfig({
    out,
    name: hostname().split('.')[0] || 'holdfast',
    timezone: zoneOfMachine(),
    sources,
    knownHosts,
    ...(sshConfig === undefined ? {} : { sshConfig }),
    ...loginOf(init.env),
  });
  await mkdir(folder, { recursive: true });
  if (!existsSync(knownHosts)) await writeFile(knownHosts, '# Host keys confirmed for Holdfast.\n', { mode: 0o600 });
  const draft = `${out}.new`;
  await writeFile(draft, text, { mode: 0o600 });
  try {
    await loadConfig(draft, init);
    await rename(draft, out);
  } finally {
    await rm(draft, { force: true });
  }
  return loadConfig(init.out, init);
}

/** Root and service logins are no person: their lines are the console's. */
function loginOf(env: Init['env']): { login?: string } {
  const login = env.SUDO_USER || env.USER || env.LOGNAME;
  return login && login !== 'root' && personName().safeParse(login).success ? { login } : {};
}

function report({ out, print }: Init, found: Found, { hosts, groups }: Fleet): void {
  const named = [...groups].filter(([name, members]) => name !== 'all' && name !== 'ungrouped' && members.length > 0).map(([name]) => `@${name}`);
  const jumps = new Set([...hosts.values()].flatMap((host) => host.ssh.jump));
  const listed = named.length > 0 ? ` (${named.slice(0, 8).join(' ')}${named.length > 8 ? ' …' : ''})` : '';
  print(
    `Wrote ${out}: ${counted(hosts.size, 'host')}, ${counted(named.length, 'group')}${listed}, ${counted(jumps.size, 'jump host')}; from ${sayFound(found)}.`,
  );
  const byWhy = new Map<string, string[]>();
  for (const { name, ssh } of hosts.values())
    if (ssh.transport === 'system') byWhy.set(ssh.why ?? 'it is set up so', [...(byWhy.get(ssh.why ?? 'it is set up so') ?? []), name]);
  for (const [why, names] of byWhy) print(`${foldNames(names)}: reached through the system's own \`ssh\`, one process a connection, because ${why}.`);
}

async function firstContact(init: Init, { config, fleet, file }: Loaded): Promise<void> {
  if (!init.scan) return;
  await confirmKeys({
    hosts: [...fleet.hosts.values()],
    scan: init.scan,
    settings: sshLimits(config, () => fleet, init.env.USER || init.env.LOGNAME || 'root'),
    knownHosts: join(dirname(file), 'known_hosts'),
    print: init.print,
    later: `npx holdfast init --confirm-keys --out ${init.out}`,
    ...(init.interactive && init.ask && { ask: init.ask }),
  });
}

const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`;

const sayFound = ({ sources, sshConfig }: Found): string =>
  `${sources.map(saySource).join(' and ')}${sshConfig === undefined ? '' : ` (names), reached as ${sshConfig} says`}`;

function saySource(source: Source): string {
  if ('ansible' in source) return source.ansible;
  return 'ssh_config' in source ? source.ssh_config : `\`${source.ansible_command.join(' ')}\``;
}
