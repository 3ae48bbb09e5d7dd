import { z } from 'zod';
import { duration, oneOrMore, personName, secret } from './fields.ts';

/** Everything under `watch:`: how Holdfast says of itself that it is well or not. */
export const WatchEntry = z.strictObject({
  heartbeats: oneOrMoreSecrets()
    .optional()
    .describe(
      'Asked as long as all is truly well: check URLs of healthchecks or of anything that says so when they stop. Who knows one can keep it quiet, so they are secrets',
    ),
  every: duration().default(60_000).describe('Between two heartbeats'),
  late: duration().default(10_000).describe('A page or a timer that waits longer than this is late'),
  stuck: duration().default(120_000).describe('Work, lines and messages that wait longer than this are stuck'),
});

/** Everything under `watchdog:`: for `holdfast watchdog`, a process elsewhere. */
export const WatchdogEntry = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'must be a URL' })
    .transform((url) => url.replace(/\/+$/, ''))
    .describe('The private listener of the Holdfast it looks at'),
  every: duration().default(15_000).describe('Between two looks'),
  after: duration().default(120_000).describe('Silent or unwell for so long: people are paged'),
  again: duration().default(300_000).describe('Until they are paged again, as long as it lasts'),
  page: oneOrMore(personName()).describe('Who is paged, by every channel they have here; Slack and Discord are not among them'),
  heartbeat: secret().optional().describe('Asked while the watchdog itself runs and sees Holdfast'),
});

export type Watchdog = z.output<typeof WatchdogEntry>;

function oneOrMoreSecrets() {
  const one = secret();
  return z.union([one, z.array(one)]).transform((value) => (Array.isArray(value) ? value : [value]));
}
