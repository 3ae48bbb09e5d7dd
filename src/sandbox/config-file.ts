import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { SANDBOX_OVERRIDES } from '../config/defaults.ts';
import type { ConfigInput } from '../config/schema.ts';
import { sandboxPower } from './bmc.ts';
import type { Listener } from './certificates/listen.ts';
import { SCRIPTED } from './certificates/renew.ts';
import type { KeyPair } from './keys.ts';
import { NAMED_ENTRIES, NAMED_FILES } from './named-scripts.ts';
import { BACKUPS, GROUPS, HOSTS, OWNER, PEOPLE, type RosterHost } from './roster.ts';
import { RUNBOOKS } from './runbooks.ts';

/** The key by which anything on this machine may tell the sandbox what is wrong. */
const ALERT_KEY = 'alert-key';

/** The one account of the simulated hosts. */
export const LOGIN = 'holdfast';

/**
 * Writes everything a Holdfast needs to reach simulated hosts as it would reach real ones: `holdfast.yaml`,
 * `client_key` (0600), `known_hosts`, the named scripts, and an empty `ssh_config` so that nobody's own is read. Answers the path of the first.
 */
export async function writeConfig(dir: string, client: KeyPair, hostKeys: readonly HostKeyAt[], config: ConfigInput): Promise<string> {
  const at = (name: string): string => join(dir, name);
  const ssh: ConfigInput['ssh'] = { user: LOGIN, identity_files: at('client_key'), known_hosts: at('known_hosts'), config: at('ssh_config'), agent: 'none' };
  await Promise.all([
    writeFile(at('client_key'), client.private, { mode: 0o600 }),
    writeFile(at('known_hosts'), hostKeys.map(({ port, key }) => `[127.0.0.1]:${port} ${key.public}\n`).join('')),
    writeFile(at('ssh_config'), ''),
    // The same at every start, for whoever has it in a script.
    writeFile(at(ALERT_KEY), randomBytes(16).toString('hex'), { mode: 0o600, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    }),
    ...Object.entries(RUNBOOKS).map(([name, { text }]) => writeFile(at(`${name}.md`), text, { mode: 0o644 })),
    ...Object.entries(NAMED_FILES).map(([name, text]) => writeFile(at(name), text, { mode: 0o644 })),
    writeFile(at('holdfast.yaml'), `${HEADING}${stringify({ ...config, ssh })}`, { mode: 0o600 }),
  ]);
  return at('holdfast.yaml');
}

export interface HostKeyAt {
  port: number;
  key: KeyPair;
}

const HEADING = '# Simulated hosts. Written anew at every start: changes made here do not last.\n';

/** The sandbox's fleet and people as a configuration says them. */
export function sandboxConfig(dataDir: string, portOf: (host: string) => number, listeners: readonly Listener[] = [], watchDown = false): ConfigInput {
  return {
    name: 'sandbox',
    timezone: 'Australia/Brisbane',
    down: { watch: watchDown },
    data: dataDir,
    defaults: SANDBOX_OVERRIDES as ConfigInput['defaults'],
    people: Object.fromEntries(
      PEOPLE.map(({ name, display, role, zone, pronoun }) => [name, { name: display, role, timezone: zone, pronoun, ...devicesOf(name) }]),
    ),
    services: Object.fromEntries(
      GROUPS.map((name) => [name, { backups: [...BACKUPS], ...(RUNBOOKS[name] && { runbook: `${name}.md`, do_not: RUNBOOKS[name].never }) }]),
    ),
    components: {
      Web: { services: 'web', description: 'The web servers' },
      Databases: { services: 'db', description: 'The pair of databases' },
      Hypervisors: { services: 'kvm', description: 'What the others run on, in two sites' },
    },
    hosts: Object.fromEntries(
      HOSTS.map((host) => [
        host.name,
        {
          address: '127.0.0.1',
          port: portOf(host.name),
          site: host.site,
          ring: host.ring,
          ...(host.parent ? { parent: host.parent } : {}),
          ...(host.redundancy ? { redundancy: host.redundancy } : {}),
          ...(host.alertPath ? { alert_path: true } : {}),
        },
      ]),
    ),
    integrations: { curl: { kind: 'generic', key: `\${file:${ALERT_KEY}}` } },
    scripts: NAMED_ENTRIES,
    certificates: {
      // 443 on loopback is whatever this machine serves there.
      known_ports: false,
      listeners: listeners.map(({ host, port, name, starttls, open }) => ({
        hosts: host,
        port,
        // All of them are on loopback, where two hosts cannot have the same port.
        address: `127.0.0.1:${open.number}`,
        ...(name !== undefined && { name }),
        ...(starttls && { starttls }),
      })),
      profiles: Object.fromEntries(
        Object.entries(SCRIPTED).map(([renew, file]) => ['database', { hosts: 'mio', provider: 'files' as const, files: file, renew }]),
      ),
    },
    power: sandboxPower(
      join(dataDir, 'sandbox'),
      namesOf(({ parent }) => parent === undefined),
      namesOf(({ parent }) => parent !== undefined),
    ),
    groups: Object.fromEntries(
      GROUPS.map((name) => [
        name,
        {
          hosts: HOSTS.filter((host) => host.kind === name)
            .map((host) => host.name)
            .join(','),
          owner: OWNER,
          ...(PROBES[name] ? { probes: [PROBES[name]] } : {}),
          ...(name === 'kvm' ? { hooks: { drain: { script: 'drain-guests' } } } : {}),
        },
      ]),
    ),
  };
}

const namesOf = (which: (host: RosterHost) => boolean): string[] => HOSTS.filter(which).map(({ name }) => name);

const PROBES: Record<string, { name: string; port: number }> = { web: { name: 'https', port: 443 }, db: { name: 'postgres', port: 5432 } };

/** Addresses nobody has (RFC 2606, numbers kept for fiction): each of these devices is played by the terminal. */
const devicesOf = (name: (typeof PEOPLE)[number]['name']): { ntfy: string; email: string; phone: string } => ({
  ntfy: `sandbox-${name}`,
  email: `${name}@example.org`,
  phone: `+6149157000${PEOPLE.findIndex((one) => one.name === name)}`,
});
