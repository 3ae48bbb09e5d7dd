import { z } from 'zod';
import { port, secret, text } from './fields.ts';

const number = () => z.string().regex(/^\+[1-9]\d{6,14}$/, 'must be a telephone number with its country, in quotes: `"+61400000000"`');
const api = (built: string) =>
  z
    .url({ protocol: /^https?$/, error: 'must be a URL' })
    .transform((url) => url.replace(/\/+$/, ''))
    .default(built);

const SmtpEntry = z
  .strictObject({
    host: text(),
    port: port().optional().describe('587, with `tls: implicit` 465'),
    tls: z
      .enum(['starttls', 'implicit', 'none'], { error: 'must be `starttls` (demanded), `implicit` (from the first byte) or `none`' })
      .default('starttls')
      .describe('`none` is for a server on this machine'),
    user: text().optional(),
    password: secret().optional(),
    from: z.email({ error: 'must be an e-mail address' }),
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), 'needs `user` and `password`, or neither')
  .refine(({ tls, password }) => tls !== 'none' || password === undefined, 'would send the password in clear: use `tls: starttls` or `implicit`');

const NtfyEntry = z.strictObject({
  url: api('https://ntfy.sh').describe('The server topics are on; a person whose `ntfy` is a URL names their own'),
  token: secret().optional().describe('`tk_…`, sent to this server only'),
});

const TwilioEntry = z
  .strictObject({
    account: z.string().regex(/^AC[0-9a-f]{32}$/i, 'must be a Twilio account SID: `AC` and 32 letters and digits'),
    token: secret().describe('The auth token of the account; replies and key presses are checked with it'),
    from: number().optional().describe('Sends SMS and calls'),
    messaging_service: z
      .string()
      .regex(/^MG[0-9a-f]{32}$/i, 'must be the SID of a messaging service: `MG` and 32 letters and digits')
      .optional()
      .describe('Sends SMS instead of `from`'),
    voice_from: number().optional().describe('Calls instead of `from`'),
    voice: z.boolean({ error: 'must be `true` or `false`' }).default(true).describe('`false`: SMS only'),
    public_url: z
      .url({ protocol: /^https?$/, error: 'must be a URL' })
      .transform((url) => url.replace(/\/+$/, ''))
      .optional()
      .describe('How Twilio reaches `/twilio/…` of the private listener: with it a key press and a reply acknowledge'),
    api_url: api('https://api.twilio.com').describe('Another address: a region, a stand-in'),
  })
  .refine(({ from, messaging_service: service }) => from !== undefined || service !== undefined, 'needs `from` or `messaging_service`')
  .refine(
    ({ voice, from, voice_from: caller }) => !voice || (caller ?? from) !== undefined,
    'cannot call without `from` or `voice_from`; with SMS only say `voice: false`',
  );

const WebhookEntry = z.strictObject({ secret: secret().describe('Signs what is posted to the `webhook` of a person: HMAC-SHA256, in `holdfast-signature`') });

/** Everything under `providers:`: by whom people are reached when somebody has to answer, besides Slack and Discord. */
export const ProvidersEntry = z.strictObject({
  smtp: optional(SmtpEntry).describe('E-mail'),
  ntfy: optional(NtfyEntry, {}).describe('Push; people need no account. ntfy.sh if unsaid'),
  twilio: optional(TwilioEntry).describe('SMS and calls'),
  webhook: optional(WebhookEntry).describe('Anything else, by a program of yours'),
});

export type Providers = z.output<typeof ProvidersEntry>;
export type Smtp = NonNullable<Providers['smtp']>;
export type Twilio = NonNullable<Providers['twilio']>;

/** A key that is missing, or there with nothing in it. */
function optional<Shape extends z.ZodType>(shape: Shape, empty?: z.input<Shape>) {
  return shape.nullish().transform((value) => value ?? (empty === undefined ? undefined : (shape.parse(empty) as z.output<Shape>)));
}
