import type { Providers } from '../../config/providers.ts';
import type { Channel, PageMessage } from '../channel.ts';
import { firstLine } from './fit.ts';
import { askTwilio, deliveryOf, listOf } from './twilio.ts';

/** Two or three segments: more is cut by some networks. Characters. */
const TEXT = 320;
const DAY = 86_400_000;

/** SMS by Twilio. It refuses no second one, so what nobody knows is looked up by the key in the text before anything is sent again. */
export function smsChannel(providers: () => Providers, timeout: number): Channel {
  return {
    name: 'sms',
    timeout,
    reaches: ({ phone }) => phone !== undefined && providers().twilio !== undefined,
    async send({ phone = '' }, message) {
      const { twilio } = providers();
      if (!twilio) return { sent: false, why: 'no', says: 'there is no Twilio in the configuration' };
      const from: Record<string, string> =
        twilio.messaging_service === undefined ? { From: twilio.from as string } : { MessagingServiceSid: twilio.messaging_service };
      return deliveryOf(await askTwilio(twilio, 'POST', '/Messages.json', { To: phone, ...from, Body: bodyOf(message, twilio.public_url) }, timeout));
    },
    async find({ phone = '' }, { key }) {
      const { twilio } = providers();
      if (!twilio) return 'unsure';
      // By the day of the provider, which may be yesterday's for us.
      const since = new Date(Date.now() - DAY).toISOString().slice(0, 10);
      const rows = await listOf(twilio, 'Messages', { To: phone, 'DateSent>': since }, timeout);
      if (!rows) return 'unsure';
      const mine = rows.find(({ body, status }) => typeof body === 'string' && body.includes(`(${key})`) && status !== 'failed');
      return mine ? String(mine.sid) : undefined;
    },
  };
}

/** The key names the attempt for whoever looks it up, the person and us. */
function bodyOf({ text, key, page, link }: PageMessage, replies: string | undefined): string {
  const how = replies !== undefined ? ` Reply "ack ${page}".` : '';
  return `${firstLine(text, TEXT)} (${key})${how}${link === undefined ? '' : ` ${link}`}`;
}
