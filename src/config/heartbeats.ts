import { z } from 'zod';
import { wrongCron } from '../cron.ts';
import { duration, groupName, oneOrMore, secret, text, zone } from './fields.ts';
import { urgency } from './integrations.ts';

const HeartbeatEntry = z
  .strictObject({
    key: secret().optional().describe('The UUID (or token, of 32 characters at least) in its address: `/ping/<key>`, `/api/push/<key>`'),
    integration: text().optional().describe('The `healthchecks` integration whose ping key it is called by, as `/ping/<ping key>/<name>`; unsaid, any'),
    watchdog: text().optional().describe('The integration whose alert `Watchdog` is this heartbeat'),
    every: duration().optional().describe('Between two pings'),
    cron: z
      .string({ error: 'must be a cron pattern in quotes: `"30 3 * * *"`' })
      .superRefine((pattern, context) => {
        const says = wrongCron(pattern);
        if (says) context.addIssue({ code: 'custom', message: `${JSON.stringify(pattern.slice(0, 60))} ${says}: \`"30 3 * * *"\`` });
      })
      .optional()
      .describe('When pings come, instead of `every`'),
    zone: zone().optional().describe('Of `cron`; `timezone` if unsaid'),
    grace: duration().default(3_600_000).describe('How late a ping may be, and how long a run that said `start` may take'),
    service: groupName().optional().describe('Who answers when it stays away'),
    hosts: oneOrMore(text()).default([]).describe('Hosts it is about'),
    urgency: urgency().default('high'),
    paused: z.boolean({ error: 'must be `true` or `false`' }).default(false).describe('`true`: pings are noted, and nobody is asked'),
  })
  .refine(({ every, cron }) => (every === undefined) !== (cron === undefined), 'needs `every` or `cron`, one of them')
  .refine(({ zone: of, cron }) => of === undefined || cron !== undefined, 'has a `zone` and no `cron`');

/** Everything under `heartbeats:`: what has to say regularly that it is well, by name. The name is its slug. */
export const HeartbeatEntries = z.record(
  z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'is no name for a heartbeat: small letters, digits, `_` and `-`, 64 at most'),
  HeartbeatEntry,
);
export type HeartbeatSaid = z.output<typeof HeartbeatEntry>;
