import { join } from 'node:path';
import type { SshSettings } from '../host.ts';
import { certificateOnly } from '../ssh/certificate-only.ts';
import type { Connection } from './connection.ts';
import type { Gathered, GatheredHost } from './gather.ts';
import type { FleetInput } from './input.ts';
import { keyInspector } from './keys.ts';
import { type SshConfig, spellJump } from './ssh-config.ts';

/** Where a host is and how to log in there. */
export interface Reachable {
  address: string;
  port: number;
  user?: string;
  ssh: SshSettings;
}

const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa', 'id_ed25519_sk', 'id_ecdsa_sk'];

/** Puts together what the inventory, the ssh config, the site and `ssh:` say, in this order. */
export async function reachOf(gathered: Gathered, input: FleetInput, paths: (path: string) => string): Promise<(host: GatheredHost) => Promise<Reachable>> {
  const inspect = keyInspector();
  const dotSsh = join(input.home, '.ssh');
  const usual = {
    user: [join(dotSsh, 'known_hosts'), join(dotSsh, 'known_hosts2')],
    global: ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
  };
  const looked = await Promise.all(DEFAULT_KEYS.map(async (name) => ({ path: join(dotSsh, name), look: await inspect(join(dotSsh, name)) })));
  const present = looked.filter(({ look }) => look.exists && !look.fido);
  const ownKeys = (input.ssh.identity_files ?? []).map(paths);
  const ownKnown = (input.ssh.known_hosts ?? []).map(paths);

  return async (host) => {
    const { config, connection: fromConfig } = askConfigs(gathered.configs, host);
    const said: Connection = { ...fromConfig, ...host.connection };
    // One way in shuts out the other, whoever named it.
    if (host.connection.jump) delete said.proxyCommand;
    else if (host.connection.proxyCommand) delete said.jump;
    const siteJump = said.jump || said.proxyCommand ? undefined : jumpOfSite(host, input);
    const jumps = spellJumps(said.jump ?? siteJump ?? [], gathered, config);
    const explicit = [...new Set([...(host.connection.identityFiles ?? []), ...(fromConfig.identityFiles ?? [])])];
    const identityFiles = [...new Set([...explicit, ...jumps.identityFiles, ...ownKeys])];
    if (identityFiles.length === 0) identityFiles.push(...present.map(({ path }) => path));
    const why = said.proxyCommand ? 'it is reached by a ProxyCommand' : (said.onlySystem ?? jumps.onlySystem ?? (await whyKeys(identityFiles, inspect)));
    const settings: SshSettings = {
      jump: jumps.hops,
      identityFiles,
      knownHosts: [...new Set([...ownKnown, ...(said.userKnownHosts ?? usual.user), ...(said.globalKnownHosts ?? usual.global)])],
      transport: why ? 'system' : 'ssh2',
    };
    if (why) settings.why = why;
    const [address, port] = [said.address ?? host.name, said.port ?? 22];
    const agent = said.agent === false ? undefined : (said.agent ?? (input.ssh.agent && paths(input.ssh.agent)));
    if (agent) settings.agent = agent;
    if (said.hostKeyAlias) settings.hostKeyAlias = said.hostKeyAlias;
    if (said.proxyCommand) settings.proxyCommand = said.proxyCommand;
    if (config) settings.configFile = config.file;
    const user = said.user ?? input.ssh.user;
    const byCertificate = why ? undefined : certificateOnly({ address, port, ssh: settings });
    const ssh: SshSettings = byCertificate ? { ...settings, transport: 'system', why: byCertificate } : settings;
    return { address, port, ...(user && { user }), ssh };
  };
}

/** The config that knows the name; else the one that knows the address, which is what Ansible would give to ssh; else the last. */
function askConfigs(configs: readonly SshConfig[], host: GatheredHost): { config?: SshConfig; connection: Connection } {
  const address = host.connection.address;
  const byName = configs.find((config) => config.names.has(host.name));
  const byAddress = address ? configs.find((config) => config.names.has(address)) : undefined;
  const config = byName ?? byAddress ?? configs.at(-1);
  if (!config) return { connection: {} };
  const connection = config.connectionOf(byName || !address ? host.name : address);
  // The ssh config translates the address it was asked about.
  if (!byName && address && connection.address !== address) host.connection = { ...host.connection, address: connection.address as string };
  return { config, connection };
}

/** A jump host of the site is itself reached through those before it only. */
function jumpOfSite(host: GatheredHost, input: FleetInput): string[] | undefined {
  const site = host.place.site;
  const jump = site !== undefined && Object.hasOwn(input.sites, site) ? input.sites[site]?.jump : undefined;
  const own = jump?.findIndex((one) => bareHost(one) === host.name) ?? -1;
  return own >= 0 ? jump?.slice(0, own) : jump;
}

function spellJumps(
  jumps: readonly string[],
  gathered: Gathered,
  config: SshConfig | undefined,
): { hops: string[]; identityFiles: string[]; onlySystem?: string } {
  const hops: string[] = [];
  const identityFiles: string[] = [];
  let onlySystem: string | undefined;
  for (const jump of jumps) {
    if (gathered.hosts.has(bareHost(jump)) || !config) hops.push(jump);
    else {
      const spelled = spellJump(config, jump);
      hops.push(...spelled.hops);
      identityFiles.push(...spelled.identityFiles);
      onlySystem ??= spelled.onlySystem;
    }
  }
  return { hops, identityFiles, ...(onlySystem && { onlySystem }) };
}

async function whyKeys(files: readonly string[], inspect: ReturnType<typeof keyInspector>): Promise<string | undefined> {
  for (const file of files) {
    const look = await inspect(file);
    if (look.fido) return `its key ${file} is on a FIDO token`;
    if (look.certificate) return `its key ${file} logs in with a certificate`;
  }
  return undefined;
}

/** `ada@gw:2222` → `gw`. */
export const bareHost = (jump: string): string =>
  jump
    .replace(/^[^@]*@/, '')
    .replace(/^\[(.*)\](:\d+)?$/, '$1')
    .replace(/^([^:]+):\d+$/, '$1');
