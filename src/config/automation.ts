import { isIP } from 'node:net';
import { z } from 'zod';
import type { Person } from '../people.ts';
import { oneOrMore, personName, port, secret, text } from './fields.ts';
import { roleText } from './role.ts';

/** A shorter key could be guessed. */
const SHORTEST_KEY = 24;

const FleetLockEntry = z.strictObject({
  groups: z
    .record(z.string().regex(/^[a-zA-Z0-9.-]+$/, 'is no FleetLock group: letters, digits, `.` and `-`'), text())
    .optional()
    .describe('Group a client says it is in → a target that must hold its host; unsaid = any group'),
  hosts: z.record(text(), text()).optional().describe('Client id → host, for clients whose id is not made from the machine-id as Zincati makes it'),
  at_once: z.int().min(1).default(1).describe('Hosts of one FleetLock group away at once, besides all other budgets'),
  ask: z.boolean().default(false).describe('A person lends every slot: `lend slot web01`. What carries guests, is a database or on the alert path always asks'),
});

const MachineEntry = z.strictObject({
  key: secret().describe(`Whoever sends it acts as this machine; at least ${SHORTEST_KEY} characters`),
  role: oneOrMore(roleText().refine(({ role }) => role !== 'admin', 'is for people: a machine can be `known` or `operator`, also within a target'))
    .optional()
    .describe('`known` (looks, stops), `operator` (asks for changes, which a person approves), or within a target: `operator on @web`'),
  fleetlock: FleetLockEntry.nullable()
    .optional()
    .transform((value) => value ?? undefined)
    .describe('May take slots to reboot hosts by itself, as Zincati does'),
});

/** Everything under `automation:`: other programs that may ask Holdfast for something, by name. */
export const AutomationEntries = z.record(personName(), MachineEntry);
export type Machine = z.output<typeof MachineEntry>;

const address = () =>
  z
    .string()
    .refine((host) => isIP(host) !== 0 || host === 'localhost', 'must be an address of this machine: `127.0.0.1`, `::1`, `10.0.0.5`')
    .default('127.0.0.1');

/** Where Holdfast listens. */
export const ListenEntry = z.strictObject({
  private: z
    .strictObject({
      host: address(),
      url: z
        .url({ protocol: /^https?$/, error: 'must be a URL: `https://holdfast.example.org`' })
        .transform((url) => url.replace(/\/+$/, ''))
        .optional()
        .describe('How people reach it, for addresses they are given; where it listens if unsaid'),
      port: port().optional().describe('PRIVATE_PORT goes before it; else the PORT in the environment and one, else 8081'),
    })
    .nullish()
    .transform((value) => value ?? { host: '127.0.0.1', port: undefined, url: undefined })
    .describe('For other automation, calendars and probes; never for the public'),
  public: z
    .strictObject({
      host: address().describe('This machine alone if unsaid: a proxy in front of it has the certificate'),
      port: port().optional().describe('PORT in the environment goes before it; else 8080'),
    })
    .nullish()
    .transform((value) => value ?? { host: '127.0.0.1', port: undefined })
    .describe('The status page; `status.url` says where the public reads it'),
});

/** What is wrong with a key, if anything; never quotes it. It is sent in a header. */
export function wrongKey(key: string): string | undefined {
  if (key.length < SHORTEST_KEY) return `is shorter than ${SHORTEST_KEY} characters and could be guessed; make one: \`openssl rand -hex 24\``;
  return /^[\x21-\x7e]+$/.test(key) ? undefined : 'has a character that no header carries: letters, digits and signs without spaces';
}

/** Only this machine can reach it. */
export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\./.test(host);

/** The machines of a configuration as those who act: `machine:ci`. No person can have such a name. */
export function machinesOf({ automation, timezone }: { automation: Record<string, Machine>; timezone: string }): Person[] {
  return Object.entries(automation).map(([name, { role }]) => ({
    name: machineName(name),
    display: name,
    roles: role ?? [{ role: 'known' }],
    zone: timezone,
    machine: true,
  }));
}

export const machineName = (name: string): string => `machine:${name}`;
