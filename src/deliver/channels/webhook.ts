import { createHmac } from 'node:crypto';
import type { Providers } from '../../config/providers.ts';
import type { Channel, Delivery } from '../channel.ts';
import { call, refused } from './call.ts';

/** Posts a page to a program of the person's own, signed; 2xx is its yes. `idempotency-key` is the same when it is posted again. */
export function webhookChannel(providers: () => Providers, timeout: number): Channel {
  return {
    name: 'webhook',
    timeout,
    reaches: ({ webhook }) => webhook !== undefined && providers().webhook !== undefined,
    provider: ({ name }) => `webhook of ${name}`,
    async send(person, { key, page, urgency, text, card, link }): Promise<Delivery> {
      const secret = providers().webhook?.secret;
      if (!secret || !person.webhook) return { sent: false, why: 'no', says: 'there is no secret for webhooks in the configuration' };
      const body = JSON.stringify({ key, page, urgency, person: person.name, text, card, ...(link !== undefined && { link }) });
      const at = Math.floor(Date.now() / 1000);
      const signature = createHmac('sha256', secret.reveal()).update(`${at}.${body}`).digest('hex');
      const headers = { 'content-type': 'application/json', 'idempotency-key': key, 'holdfast-signature': `t=${at},v1=${signature}` };
      const answer = await call(person.webhook.reveal(), { method: 'POST', headers, body }, timeout);
      return answer.status >= 200 && answer.status < 300 ? { sent: true, id: key } : refused(answer, 'webhook');
    },
  };
}
