import type { Twilio } from '../../config/providers.ts';
import type { Delivery } from '../channel.ts';
import { type Answered, call, objectIn, refused } from './call.ts';

/** Twilio's REST API, as far as pages need it: https://www.twilio.com/docs/usage/api (2010-04-01). One try, never throws. */
export async function askTwilio(twilio: Twilio, method: 'GET' | 'POST', path: string, form: Record<string, string>, timeout: number): Promise<Answered> {
  const params = new URLSearchParams(form);
  const url = `${twilio.api_url}/2010-04-01/Accounts/${twilio.account}${path}`;
  const authorization = `Basic ${Buffer.from(`${twilio.account}:${twilio.token.reveal()}`).toString('base64')}`;
  if (method === 'GET') return call(`${url}?${params}`, { headers: { authorization } }, timeout);
  return call(url, { method, headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' }, body: params.toString() }, timeout);
}

/** Queued is what Twilio's yes looks like; what it already knows to have failed is none. */
export function deliveryOf(answer: Answered): Delivery {
  const { sid, status, code, message, error_code: failed } = objectIn(answer.body);
  if (answer.status === 201 || answer.status === 200) {
    if (status === 'failed' || status === 'undelivered' || status === 'canceled') return { sent: false, why: 'no', says: `twilio: ${status} (${failed})` };
    return typeof sid === 'string' ? { sent: true, id: sid } : { sent: false, why: 'unsure', says: 'twilio: an answer without a SID' };
  }
  // 20429: too many requests, whatever the status says.
  if (code === 20429) return { sent: false, why: 'later', says: 'twilio: too many requests (20429)', ...(answer.retryAfter && { after: answer.retryAfter }) };
  return refused(answer, 'twilio', code === undefined ? '' : `${code} ${message}`);
}

/** What it lists, newest first; `undefined` where it cannot be asked, or has more than one page of it. */
export async function listOf(twilio: Twilio, what: 'Messages' | 'Calls', form: Record<string, string>, timeout: number) {
  const answer = await askTwilio(twilio, 'GET', `/${what}.json`, { ...form, PageSize: String(PAGE) }, timeout);
  if (answer.status !== 200) return undefined;
  const rows = objectIn(answer.body)[what.toLowerCase()];
  return Array.isArray(rows) && rows.length < PAGE ? (rows as Record<string, unknown>[]) : undefined;
}

const PAGE = 100;
