import { z } from 'zod';
import { SEVERITIES } from '../incident/shapes.ts';
import { groupName, oneOrMore, port, secret, text } from './fields.ts';
import { roleText } from './role.ts';

const SLACK_CHANNEL = z.string().regex(/^[CGD][A-Z0-9]{4,}$/, 'must be a Slack channel id: `C012AB3CD` (channel details, at the bottom)');
const SNOWFLAKE = z.string().regex(/^\d{17,20}$/, 'must be a Discord id: 17 to 20 digits in quotes');
const api = (whose: string) =>
  z
    .url({ protocol: /^https?$/, error: 'must be a URL' })
    .optional()
    .describe(`Another address of ${whose} API: GovSlack, a proxy, a stand-in`);

/** Roles a platform's own groups give: `S0123AB: operator on @web`. */
const groupRoles = (id: z.ZodType<string, string>) => z.record(id, oneOrMore(roleText()));

export const SlackEntry = z.strictObject({
  bot_token: secret().describe('`xoxb-…`'),
  app_token: secret().optional().describe('`xapp-…`, for Socket Mode: no port has to be open'),
  signing_secret: secret().optional().describe('For signed HTTP instead of Socket Mode'),
  http: z
    .strictObject({ port: port(), host: text().default('127.0.0.1') })
    .nullish()
    .transform((value) => value ?? undefined)
    .describe('Where signed HTTP is heard, at `/slack/events`; needs `signing_secret`'),
  groups: groupRoles(z.string().regex(/^S[A-Z0-9]{4,}$/, 'must be the id of a Slack user group: `S012AB3CD`'))
    .optional()
    .describe('Slack user groups and the roles their members have'),
  reaction: z
    .string()
    .regex(/^[a-z0-9_+'-]+$/, 'must be the name of an emoji without colons: `pushpin`')
    .default('pushpin')
    .describe('A message marked with it goes to the timeline'),
  api_url: api("Slack's"),
});

export const DiscordEntry = z.strictObject({
  token: secret(),
  server: SNOWFLAKE.optional().describe('Commands are registered on this server only: at once, instead of within the hour'),
  groups: groupRoles(SNOWFLAKE).optional().describe('Discord roles and the roles their members have here'),
  api_url: api("Discord's"),
});

/** What is posted in a channel without anybody having asked there. */
export const NEWS = ['incident', 'run', 'page', 'hold'] as const;

export const ChannelEntries = z.record(
  groupName(),
  z
    .strictObject({
      slack: SLACK_CHANNEL.optional(),
      discord: SNOWFLAKE.optional(),
      targets: text().optional().describe('A target expression: commands typed here concern these hosts only'),
      news: oneOrMore(z.enum(NEWS, { error: `must be ${NEWS.map((one) => `\`${one}\``).join(', ')}` }))
        .optional()
        .describe('What is posted here unasked; the one of `incident` is the home channel'),
      incident_channels: z
        .enum(SEVERITIES, { error: `must be ${SEVERITIES.map((one) => `\`${one}\``).join(', ')}` })
        .optional()
        .describe('Incidents this bad or worse get a channel of their own beside this one; unsaid, what is said of them stands in the thread under their card'),
    })
    .refine(({ slack, discord }) => slack !== undefined || discord !== undefined, 'names no channel; give it `slack` or `discord` with the id of one'),
);

/** What is wrong with a token, if anything; never quotes it. `whose` is its key: `slack.bot_token`. */
export function wrongToken(value: string, whose: string): string | undefined {
  if (!/^[\x21-\x7e]+$/.test(value)) return 'has a character that no token has; copy it again, whole';
  if (whose === 'slack.bot_token' && !value.startsWith('xoxb-')) return 'must be the bot token of the app, which begins with `xoxb-` (OAuth & Permissions)';
  if (whose === 'slack.app_token' && !value.startsWith('xapp-'))
    return 'must be an app-level token, which begins with `xapp-` (Basic Information, App-Level Tokens, with `connections:write`)';
  return undefined;
}
