import { createHmac } from 'node:crypto';
import { type Call, type Faults, provider } from './provider.ts';

export const ACCOUNT = `AC${'0'.repeat(31)}1`;
export const TOKEN = 'twilio-auth-token';

interface Rung {
  sid: string;
  to: string;
  from: string;
  /** The text of an SMS, the TwiML of a call. */
  body: string;
  made: Date;
}

/** Numbers of Twilio's own that fail: https://www.twilio.com/docs/iam/test-credentials */
export const WRONG = '+15005550001';
export const STOPPED = '+15005550004';

/** Twilio's REST API of 2010-04-01 as pages use it: form bodies, basic auth, JSON answers with its own codes, lists. */
export async function fakeTwilio() {
  const faults: Faults = { fault: 'none', calls: 0 };
  const texts: Rung[] = [];
  const calls: Rung[] = [];
  const sid = (kind: string, n: number): string => `${kind}${String(n).padStart(32, '0')}`;
  const listed = (rows: readonly Rung[], { query }: Call) =>
    rows
      .filter(({ to }) => query.get('To') === null || to === query.get('To'))
      .toReversed()
      .map((one) => ({ sid: one.sid, to: one.to, from: one.from, body: one.body, status: 'sent', date_created: one.made.toUTCString() }));
  const base = `/2010-04-01/Accounts/${ACCOUNT}`;
  const { url } = await provider(
    faults,
    (call) => {
      if (call.headers.authorization !== `Basic ${Buffer.from(`${ACCOUNT}:${TOKEN}`).toString('base64')}`)
        return { status: 401, body: { code: 20003, message: 'Authenticate', status: 401 } };
      if (call.method === 'GET' && call.path === `${base}.json`) return { status: 200, body: { sid: ACCOUNT, status: 'active' } };
      if (call.method === 'GET' && call.path === `${base}/Messages.json`) return { status: 200, body: { messages: listed(texts, call) } };
      if (call.method === 'GET' && call.path === `${base}/Calls.json`) return { status: 200, body: { calls: listed(calls, call) } };
      const form = new URLSearchParams(call.body);
      const [to, from] = [form.get('To') ?? '', form.get('From') ?? form.get('MessagingServiceSid') ?? ''];
      if (!/^\+[1-9]\d{6,14}$/.test(to) || to === WRONG)
        return { status: 400, body: { code: 21211, message: `The 'To' number ${to} is not a valid phone number.`, status: 400 } };
      if (to === STOPPED) return { status: 400, body: { code: 21610, message: 'Attempt to send to unsubscribed recipient', status: 400 } };
      if (from === '') return { status: 400, body: { code: 21603, message: "A 'From' phone number is required.", status: 400 } };
      if (call.path === `${base}/Messages.json`) {
        const body = form.get('Body') ?? '';
        if (body === '' || body.length > 1600)
          return { status: 400, body: { code: 21617, message: 'The message body exceeds the 1600 character limit.', status: 400 } };
        texts.push({ sid: sid('SM', texts.length + 1), to, from, body, made: new Date() });
        return { status: 201, body: { sid: texts.at(-1)?.sid, status: 'queued', to, error_code: null } };
      }
      if (call.path === `${base}/Calls.json`) {
        const body = form.get('Twiml') ?? '';
        if (!body.startsWith('<Response>') || body.length > 4000) return { status: 400, body: { code: 21205, message: 'Url is not a valid URL', status: 400 } };
        calls.push({ sid: sid('CA', calls.length + 1), to, from, body, made: new Date() });
        return { status: 201, body: { sid: calls.at(-1)?.sid, status: 'queued', to } };
      }
      return { status: 404, body: { code: 20404, message: 'The requested resource was not found', status: 404 } };
    },
    {
      no: { status: 400, body: { code: 21610, message: 'Attempt to send to unsubscribed recipient', status: 400 } },
      broken: { status: 500, body: { code: 20500, message: 'Internal Server Error', status: 500 } },
      busy: { status: 429, body: { code: 20429, message: 'Too Many Requests', status: 429 } },
    },
  );
  return {
    url,
    faults,
    /** What lies on the telephones. */
    texts,
    calls,
    config: { account: ACCOUNT, token: TOKEN, from: '+15005550006', api_url: url },
  };
}

/** What Twilio posts to us, and how it signs it. */
export function signedForm(url: string, form: Record<string, string>): { headers: Record<string, string>; body: string } {
  const said =
    url +
    Object.keys(form)
      .sort()
      .map((name) => name + form[name])
      .join('');
  return {
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': createHmac('sha1', TOKEN).update(said).digest('base64') },
    body: new URLSearchParams(form).toString(),
  };
}
