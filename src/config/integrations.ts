import { z } from 'zod';
import { duration, groupName, oneOrMore, secret, text } from './fields.ts';

/** A shorter key could be guessed; PagerDuty's have 32. */
export const SHORTEST = 32;
/** The ping keys of healthchecks have 22, and its users take theirs along. */
const SHORTEST_PING = 22;

export const KINDS = [
  'alertmanager',
  'prometheus',
  'grafana',
  'pagerduty',
  'opsgenie',
  'uptime-kuma',
  'goalert',
  'oncall',
  'zabbix',
  'healthchecks',
  'generic',
] as const;
export type Kind = (typeof KINDS)[number];

export const urgency = () => z.enum(['critical', 'high', 'low'], { error: 'must be `critical`, `high` or `low`' });
export type Urgency = 'critical' | 'high' | 'low';

/** `alert.labels.host`, `items[0].id`: a way into somebody else's JSON. */
const way = () =>
  z
    .string({ error: 'must be a way into the JSON: `alert.labels.host`' })
    .regex(/^[^.[\]\s]+(\[\d{1,3}\]|\.[^.[\]\s]+)*$/, 'is no way into JSON: names with `.` between them, `[0]` for an item of a list')
    .max(200);

const MappingEntry = z.strictObject({
  alerts: way().optional().describe('Where the list of alerts is; unsaid, the body is one alert, or a list of them'),
  summary: way().describe('The line a person reads'),
  dedup: way().optional().describe('What is sent again under the same is the same alert; the summary if unsaid'),
  state: way().optional().describe('What says whether it is over; unsaid, everything is a new alert'),
  resolved: oneOrMore(text()).default(['resolved', 'ok', 'closed', 'up', 'recovered']).describe('Values of `state` that say it is over'),
  severity: way().optional().describe('What says how bad it is'),
  service: way().optional(),
  hosts: oneOrMore(way()).default([]).describe('Where hosts are named'),
  link: way().optional(),
  started: way().optional().describe('When it began: ISO, or seconds since 1970'),
  details: oneOrMore(way()).default([]).describe('What else a person should read'),
});
export type Mapping = z.output<typeof MappingEntry>;

const IntegrationEntry = z.strictObject({
  kind: z.enum(KINDS, { error: `must be one of ${KINDS.map((kind) => `\`${kind}\``).join(', ')}` }).describe('Whose shape it sends'),
  key: secret().describe(`Whoever sends it is this integration; at least ${SHORTEST} characters of \`A-Z a-z 0-9 _ -\`. A key of its own for each`),
  service: groupName().optional().describe('Who answers, where an alert does not say; unsaid, whoever answers for its hosts'),
  urgency: urgency().default('high').describe('Of what says no severity, or one that is not known'),
  severity_label: text().default('severity').describe('The label that says how bad it is'),
  severities: z
    .record(text(), urgency())
    .optional()
    .describe('Severity → urgency, besides those known: `{ warning: high }`')
    .transform((said) => Object.fromEntries(Object.entries(said ?? {}).map(([name, value]) => [name.toLowerCase(), value]))),
  service_label: text().default('service').describe('The label that says who answers, where it names a service'),
  host_labels: oneOrMore(text()).default(['instance', 'host', 'hostname', 'nodename', 'node']).describe('Labels that name hosts'),
  resolve_after: duration().optional().describe('Over when it was not sent again for so long; for `prometheus` what it says itself, else 5 min'),
  mapping: MappingEntry.optional().describe('For `generic`: where what stands in its JSON'),
});

/** Everything under `integrations:`: other systems that say what is wrong, by name. */
export const IntegrationEntries = z.record(
  z
    .string()
    .regex(/^[a-z][a-z0-9_.-]{0,31}$/, 'is no name for an integration: small letters, digits, `_`, `-` and `.`, a letter first, 32 at most')
    .refine((name) => name !== 'down' && name !== 'heartbeat', 'is what Holdfast calls its own alerts; choose another name'),
  IntegrationEntry,
);
export type Integration = z.output<typeof IntegrationEntry>;

/** What is wrong with a key that may stand in an address, if anything; never quotes it. `ping`: one of healthchecks, which are shorter. */
export function wrongSenderKey(key: string, ping: boolean): string | undefined {
  const shortest = ping ? SHORTEST_PING : SHORTEST;
  if (key.length < shortest) return `is shorter than ${shortest} characters and could be guessed; make one: \`openssl rand -hex 16\``;
  return /^[A-Za-z0-9_-]{1,200}$/.test(key) ? undefined : 'has a character that no address carries as it is: letters, digits, `_` and `-`, 200 at most';
}
