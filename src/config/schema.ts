import { z } from 'zod';
import { AutomationEntries, ListenEntry } from './automation.ts';
import { CertificatesEntry } from './certificates.ts';
import { ChannelEntries, DiscordEntry, SlackEntry } from './chat.ts';
import { ComponentEntries, StatusEntry } from './components.ts';
import { DEFAULTS, type Overrides, type WrittenOverrides } from './defaults.ts';
import { DownEntry } from './down.ts';
import { argv, atOnce, duration, groupName, oneOrMore, personName, port, secret, text, zone } from './fields.ts';
import { HeartbeatEntries } from './heartbeats.ts';
import { HoldsEntry } from './holds.ts';
import { HooksEntry } from './hooks.ts';
import { IntegrationEntries } from './integrations.ts';
import { OnStopEntries } from './on-stop.ts';
import { PersonEntry } from './person.ts';
import { PolicyEntries } from './policies.ts';
import { PowerEntries } from './power.ts';
import { ProvidersEntry } from './providers.ts';
import { RosterEntries } from './rosters.ts';
import { runbook } from './runbook.ts';
import { ScriptEntries } from './scripts.ts';
import { WatchdogEntry, WatchEntry } from './watch.ts';
import { ServiceEntries } from './who-answers.ts';
import { WindowEntries } from './windows.ts';

/**
 * Everything `holdfast.yaml` may say. Unknown keys are refused everywhere; a section or a host left empty counts as one
 * without settings. Durations come out as milliseconds, "one or a list" as a list, secrets as `Secret`.
 */
const factValue: z.ZodType<FactValue, FactValue> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.array(factValue), z.record(z.string(), factValue)]),
);
type FactValue = import('../fleet/host.ts').FactValue;

export const HostEntry = z.strictObject({
  address: text().optional().describe('Where it is reached; the name itself if unsaid'),
  port: port().optional(),
  user: text().optional(),
  groups: oneOrMore(groupName()).optional(),
  site: groupName().optional(),
  ring: groupName().optional(),
  parent: text().optional().describe('The host this one is a guest of'),
  redundancy: oneOrMore(groupName()).optional().describe('Groups whose members must not be down together'),
  alert_path: z.boolean().optional().describe('Carries Holdfast, its stores, a monitor or a gateway it pages through'),
  jump: oneOrMore(text()).optional().describe('Hosts to go through, nearest first'),
  vars: z.record(z.string(), factValue).optional().describe('Facts known beforehand; `where` and `show` see them'),
});

export const ProbeEntry = z.union([
  z.strictObject({ name: text().optional(), port: port() }),
  z.strictObject({
    name: text().optional(),
    http: z
      .url({ protocol: /^https?$/, error: 'must be a URL: `http://localhost/health`' })
      .refine(
        (url) => !/^https?:\/\/[^/?#\\]*@/i.test(url),
        'has a user or password in it: it would stand in messages and in the process list of every host asked; probe a page that asks for none',
      ),
    status: z.int().min(100).max(599).optional(),
    contains: text().optional(),
  }),
  z.strictObject({ name: text().optional(), command: argv() }),
]);

export const GroupEntry = z.strictObject({
  hosts: text().optional().describe('A target expression: `web[01-20]`, `@old & @bne`; joined to what the inventory says'),
  site: groupName().optional(),
  ring: groupName().optional(),
  redundancy: z
    .union([z.boolean(), groupName()], { error: 'must be `true`, or the name of the group whose members must not be down together' })
    .optional()
    .describe('`true`: its members must not be down together; a name: they are members of that one'),
  at_once: atOnce().optional().describe('Members in a change at once, at most: `2`, or `10%`'),
  quorum: z.boolean({ error: 'must be `true` or `false`' }).optional().describe('`true`: a cluster whose members must stay more than half'),
  hooks: HooksEntry.optional().describe('Takes members out of service before a reboot and back in after'),
  owner: text().optional().describe('A person: the group is a service of its name; `@owner:ada` names the hosts'),
  probes: z.array(ProbeEntry).optional().describe('Asked on each host: a port that listens, a page that answers, a command that ends with 0'),
  runbook: runbook().optional(),
});

export const SiteEntry = z.strictObject({ jump: oneOrMore(text()).optional().describe('Hosts to go through, nearest first') });

export const InventorySource = z.union([
  z.strictObject({ ansible: text().describe('An inventory file or folder, INI or YAML') }),
  z.strictObject({ ansible_command: argv().describe('Prints what `ansible-inventory --list` prints') }),
  z.strictObject({ ssh_config: text() }),
]);

export const SshEntry = z.strictObject({
  user: text().optional().describe('When neither the host nor the ssh config names one'),
  identity_files: oneOrMore(text()).optional(),
  agent: text().optional().describe('Socket of an ssh agent; `$SSH_AUTH_SOCK` if unsaid, `none` for no agent'),
  known_hosts: oneOrMore(text()).optional().describe('Files of host keys, looked at besides those of ssh itself'),
  config: text().optional().describe('The ssh config that says how hosts are reached; `~/.ssh/config` if unsaid and the inventory names none'),
  concurrency: z.int().min(1).max(1024).default(DEFAULTS['ssh.concurrency'].value).describe('Hosts asked at once, at most'),
  open: z.int().min(1).max(65535).default(DEFAULTS['ssh.open'].value).describe('Connections kept open at once, at most'),
  connect: duration().default(DEFAULTS['ssh.connect'].value),
  banner: duration().default(DEFAULTS['ssh.banner'].value),
  auth: duration().default(DEFAULTS['ssh.auth'].value),
  probe: duration().default(DEFAULTS['ssh.probe'].value),
  idle: duration().default(DEFAULTS['ssh.idle'].value).describe('An unused connection is closed after this'),
});

const HazardEntry = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'must be a word of small letters, digits and `-`: `disk-full`'),
  severity: z.enum(['info', 'warning', 'critical'], { error: 'must be `info`, `warning` or `critical`' }),
  text: text().describe('One line for a person at 3 a.m.'),
  when: text().describe('A condition as after `where`: `uptime > 200d and xen < 4.6`'),
});

/** A section that is missing, or there with nothing in it, is an empty one. */
const section = <Shape extends z.ZodType>(shape: Shape, empty: z.input<Shape>) =>
  shape.nullish().transform((value) => value ?? (shape.parse(empty) as z.output<Shape>));
/** `web01:` with nothing after it. */
const entry = <Shape extends z.ZodType>(shape: Shape) => shape.nullable().transform((value) => value ?? (shape.parse({}) as z.output<Shape>));

const overrides = z.strictObject(
  Object.fromEntries(
    Object.entries(DEFAULTS)
      .filter(([name]) => !name.startsWith('ssh.'))
      .map(([name, { field, means }]) => [name, field().optional().describe(means)]),
  ),
) as unknown as z.ZodType<Overrides, WrittenOverrides>;

export const ConfigSchema = z.strictObject({
  name: text().default('holdfast').describe('What this installation is called in messages'),
  timezone: zone().default('UTC').describe('For people and windows that name none'),
  data: text().default('./data').describe('The data directory, relative to this file; HOLDFAST_DATA goes before it'),
  database: z
    .strictObject({ url: secret() })
    .nullish()
    .transform((value) => value ?? undefined)
    .describe('A Postgres server; embedded if unsaid'),
  redis: z
    .strictObject({ url: secret() })
    .nullish()
    .transform((value) => value ?? undefined)
    .describe('For many workers; needs `database`'),
  people: section(z.record(personName(), entry(PersonEntry)), {}),
  inventory: section(z.array(InventorySource), []).describe('Where hosts come from; together with `hosts`'),
  hosts: section(z.record(text(), entry(HostEntry)), {}).describe('By name; `web[01-20]` names several'),
  groups: section(z.record(groupName(), entry(GroupEntry)), {}),
  sites: section(z.record(groupName(), entry(SiteEntry)), {}),
  services: section(ServiceEntries, {}).describe('Who answers for what, by name'),
  policies: section(PolicyEntries, {}).describe('Who is asked after whom, and how soon, by name'),
  rosters: section(RosterEntries, {}).describe('Who is on call when, by name'),
  components: section(ComponentEntries, {}).describe('What the public sees on the status page, by the name it reads'),
  status: section(StatusEntry, {}).describe('The page the public reads'),
  ssh: section(SshEntry, {}),
  hazards: section(z.array(HazardEntry), []).describe('More facts that are problems'),
  scripts: section(ScriptEntries, {}).describe('Named scripts that people, drains and stops may run on hosts'),
  on_stop: section(OnStopEntries, []),
  windows: section(WindowEntries, []).describe('When changes may begin, the safe ones apart; hosts in no window at any time'),
  holds: section(HoldsEntry, {}).describe('What else updates hosts by itself'),
  certificates: section(CertificatesEntry, {}).describe('Where else certificates stand and are served, who is told of them, how leaves are renewed'),
  power: section(PowerEntries, {}).describe('How hosts are switched on and off and looked at when they do not answer: classes by name'),
  log_server: z
    .strictObject({ command: argv().refine((words) => words.some((word) => word.includes('{host}')), 'has no `{host}`: where does the name of the host go?') })
    .nullish()
    .transform((value) => value ?? undefined)
    .describe('Brings the last words of a host that is gone'),
  automation: section(AutomationEntries, {}).describe('Other programs that may ask Holdfast for something, by name'),
  integrations: section(IntegrationEntries, {}).describe('Other systems that say what is wrong, by name: docs/alerts.md'),
  heartbeats: section(HeartbeatEntries, {}).describe('What has to say regularly that it is well, by name: docs/alerts.md'),
  listen: section(ListenEntry, {}),
  slack: SlackEntry.nullish()
    .transform((value) => value ?? undefined)
    .describe('README: Slack in five minutes'),
  discord: DiscordEntry.nullish()
    .transform((value) => value ?? undefined)
    .describe('README: Discord in five minutes'),
  channels: section(ChannelEntries, {}).describe('Channels where answers are for everybody, by a name of yours; elsewhere they are for the asker alone'),
  providers: section(ProvidersEntry, {}).describe('By whom people are reached when somebody has to answer'),
  down: section(DownEntry, {}).describe('Whether hosts that stop answering are noticed'),
  watch: section(WatchEntry, {}).describe('How Holdfast says of itself that it is well'),
  watchdog: WatchdogEntry.nullish()
    .transform((value) => value ?? undefined)
    .describe('For `holdfast watchdog`, which runs elsewhere'),
  defaults: section(overrides, {}).describe('What `show defaults` lists'),
});

export type Config = z.output<typeof ConfigSchema>;
export type ConfigInput = z.input<typeof ConfigSchema>;
