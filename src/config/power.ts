import { z } from 'zod';
import type { Fleet } from '../fleet/fleet.ts';
import { fillTemplate, placeholdersOf } from '../fleet/power/fill.ts';
import { near } from '../fleet/target/nearest.ts';
import { parseTarget } from '../fleet/target/parse.ts';
import { groupsNotIn, selectHosts } from '../fleet/target/select.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Path } from './document.ts';
import { argv, groupName, port, secret, text } from './fields.ts';

/** How the power of hosts is looked at and switched: classes by name, each with the hosts it holds for. */
const hosts = () => text().describe('A target expression: `@kvm,mon01`. A host may be in one class only');

const IpmiClass = z.strictObject({
  ipmi: z.strictObject({
    address: text()
      .default('{bmc}')
      .describe('Name or address of the BMC; `{host}`, `{address}`, `{site}` and variables of the host (`{bmc}`) stand for themselves'),
    user: text(),
    password: secret().describe('`${file:bmc-password}` or `${env:NAME}`; reaches ipmitool by its environment only'),
    port: port().default(623),
    cipher: z.int().min(0).max(17).default(17).describe('Cipher suite; 3 for old BMCs'),
    interface: z.enum(['lanplus', 'lan'], { error: 'must be `lanplus` (IPMI 2.0) or `lan`' }).default('lanplus'),
    privilege: z
      .enum(['user', 'operator', 'administrator'], { error: 'must be `user`, `operator` or `administrator`' })
      .default('administrator')
      .describe('What is asked for at login; `operator` is enough to switch'),
    sol_instance: z.int().min(1).max(15).default(1).describe('SOL payload instance that shows the console'),
  }),
  hosts: hosts(),
});

const CommandClass = z.strictObject({
  command: z.strictObject({
    status: argv().describe('Run where Holdfast runs; prints a line with `on`, `running`, `off` or `stopped` in it'),
    on: argv().optional(),
    off: argv().optional(),
    cycle: argv().optional(),
    console: argv().optional().describe('Prints the end of the console'),
    log: argv().optional().describe('Prints the last hardware events'),
    env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is no name of an environment variable'), secret()).optional(),
  }),
  hosts: hosts(),
});

const virsh = z.strictObject({
  on: text().default('{parent}').describe('The host of the fleet on which virsh runs'),
  domain: text().default('{host}').describe('What the guest is called there'),
  uri: text().default('qemu:///system'),
});
const VirshClass = z.strictObject({ virsh: virsh.nullable().transform((value) => value ?? virsh.parse({})), hosts: hosts() });

export const PowerEntry = z.union([IpmiClass, CommandClass, VirshClass]);
export const PowerEntries = z.record(groupName(), PowerEntry);
export type PowerClass = z.output<typeof PowerEntry>;
export type PowerClasses = Record<string, PowerClass>;

/** What classes of power say that does not hold: hosts nobody knows, two classes for one host, templates that stay empty. */
export function checkPower(power: PowerClasses, { fleet, complete }: { fleet: Fleet; complete: boolean }): { path: Path; says: string }[] {
  const problems: { path: Path; says: string }[] = [];
  const taken = new Map<string, string>();
  for (const [name, entry] of Object.entries(power)) {
    const path: Path = ['power', name, 'hosts'];
    const { names, says } = hostsOf(entry.hosts, fleet, complete);
    if (says) problems.push({ path, says: `\`power.${name}.hosts\` ${says}` });
    const twice = names.filter((host) => taken.has(host));
    if (twice.length > 0) {
      const more = twice.length > 1 ? ` and ${twice.length - 1} more` : '';
      problems.push({
        path,
        says: `\`power.${name}.hosts\` names ${twice[0]}${more}, which \`power.${taken.get(twice[0] as string)}\` names too: one class a host`,
      });
    }
    for (const host of names) if (!taken.has(host)) taken.set(host, name);
    problems.push(...checkTemplates(name, entry, names, fleet), ...checkPassword(name, entry));
  }
  return problems;
}

/** The hosts of a class, and what is wrong with how they are named. */
function hostsOf(expression: string, fleet: Fleet, complete: boolean): { names: string[]; says?: string } {
  try {
    const { steps, where } = parseTarget(expression);
    if (where) return { names: [], says: 'has a `where`: what the power of a host is must not depend on what was last seen of it' };
    const [unknown] = groupsNotIn(fleet.groups, steps);
    if (unknown !== undefined && !complete) return { names: [] };
    if (unknown !== undefined) {
      const [meant] = near(unknown, [...fleet.groups.keys()], 1);
      return { names: [], says: `names @${unknown}, which is no group${meant ? `; did you mean \`@${meant}\`?` : ''}` };
    }
    return { names: selectHosts(steps, { hosts: [...fleet.hosts.keys()], groups: fleet.groups, live: new Map(), liveNames: [] }) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return complete ? { names: [], says: error.message } : { names: [] };
  }
}

/** Each template is tried on every host of the class; the first host that lacks something is named. */
function checkTemplates(name: string, entry: PowerClass, names: readonly string[], fleet: Fleet): { path: Path; says: string }[] {
  return templatesIn(entry).flatMap(({ path, template }) => {
    const where = `\`power.${name}.${path.filter((step) => typeof step === 'string').join('.')}\``;
    for (const host of names) {
      const filled = fillTemplate(template, fleet.hosts.get(host) as Parameters<typeof fillTemplate>[1]);
      if ('wrong' in filled) return [{ path: ['power', name, ...path], says: `${where} ${filled.wrong}` }];
      if (path.at(-1) === 'on' && path[0] === 'virsh' && !fleet.hosts.has(filled.text))
        return [{ path: ['power', name, ...path], says: `${where}: \`${filled.text}\`, where virsh would run for ${host}, is no host of the inventory` }];
    }
    return [];
  });
}

function templatesIn(entry: PowerClass): { path: (string | number)[]; template: string }[] {
  if ('ipmi' in entry) return [{ path: ['ipmi', 'address'], template: entry.ipmi.address }];
  if ('virsh' in entry) return (['on', 'domain'] as const).map((key) => ({ path: ['virsh', key], template: entry.virsh[key] }));
  return Object.entries(entry.command).flatMap(([key, words]) =>
    Array.isArray(words)
      ? words.flatMap((template, at) => (placeholdersOf(template).length > 0 ? [{ path: ['command', key, at] as (string | number)[], template }] : []))
      : [],
  );
}

/** IPMI 2.0 keeps twenty bytes of a password; ipmitool refuses longer ones. */
function checkPassword(name: string, entry: PowerClass): { path: Path; says: string }[] {
  if (!('ipmi' in entry)) return [];
  const password = entry.ipmi.password.reveal();
  // Could not be filled in, which is said already.
  if (password.includes('${')) return [];
  const says = Buffer.byteLength(password) > 20 ? 'is longer than the 20 bytes IPMI takes' : /[\r\n\0]/.test(password) ? 'has a line end in it' : undefined;
  return says ? [{ path: ['power', name, 'ipmi', 'password'], says: `\`power.${name}.ipmi.password\` ${says}` }] : [];
}
