import { z } from 'zod';
import { CHANNELS } from '../deliver/channel.ts';
import { clock, minutesOf } from './days.ts';
import { oneOrMore, secret, text, zone } from './fields.ts';
import { roleText } from './role.ts';

/** Those a person can prefer; `dm` is what a message on Slack or Discord is called where there is one of them. */
const OWN = CHANNELS.filter((name) => name !== 'dm');

const quiet = () => {
  const says = 'must be `{ from: "22:00", until: "07:00" }`, or `none`';
  return z
    .union(
      [
        z.literal('none'),
        z.strictObject({ from: clock(), until: clock() }).transform(({ from, until }) => ({ from: minutesOf(from), until: minutesOf(until) })),
      ],
      {
        error: says,
      },
    )
    .optional();
};

export const PersonEntry = z.strictObject({
  name: text().optional().describe('As shown: `Ada Lovelace`'),
  role: oneOrMore(roleText()).optional().describe('`known`, `operator`, `admin`, or within a target: `operator on @kaza`'),
  timezone: zone().optional(),
  pronoun: z.enum(['her', 'him', 'them'], { error: 'must be `her`, `him` or `them`' }).optional().describe('As in “02:10 for her”; `them` if unsaid'),
  login: oneOrMore(text()).optional().describe('Unix logins that act as this person in `holdfast exec`'),
  slack: z
    .string()
    .regex(/^[UW][A-Z0-9]{4,}$/, 'must be a Slack member id: `U012AB3CD` (profile, “Copy member ID”)')
    .optional(),
  discord: z
    .string()
    .regex(/^\d{17,20}$/, 'must be a Discord user id: 17 to 20 digits in quotes')
    .optional(),
  email: z.email({ error: 'must be an e-mail address' }).optional(),
  phone: z
    .string()
    .regex(/^\+[1-9]\d{6,14}$/, 'must be a telephone number with its country, in quotes: `"+61400000000"`')
    .optional()
    .describe('For SMS and calls'),
  ntfy: secret().optional().describe('An ntfy topic or its URL; who knows it can read it, so it is a secret'),
  webhook: secret().optional().describe('A URL of a program that reaches them, signed by `providers.webhook`'),
  channels: oneOrMore(z.enum(OWN, { error: `must be ${OWN.map((one) => `\`${one}\``).join(', ')}` }))
    .optional()
    .describe('The ways to reach them that are used, the first one preferred; all they have if unsaid'),
  quiet: quiet().describe(
    'When low pages wait, in their own time: `{ from: "23:00", until: "08:00" }`, or `none`; `page.quiet_from` and `page.quiet_until` if unsaid',
  ),
  prefer: z
    .enum(['awake'], { error: 'must be `awake`, or left out' })
    .optional()
    .describe('`awake`: while they sleep, somebody of the same service who is awake is asked before them'),
});
