import type { Providers } from '../../config/providers.ts';
import type { Channel, PageMessage } from '../channel.ts';
import { escaped, firstLine } from './fit.ts';
import { askTwilio, deliveryOf, listOf } from './twilio.ts';

/** What somebody woken takes in. Characters. */
const SPOKEN = 300;
/** Wall ms in which a call to the same number may be this one. */
const RECENT = 10 * 60_000;

/**
 * A call by Twilio, which speaks the page twice; where a public URL is configured pressing 1 acknowledges. Nothing in a call names the attempt,
 * so what nobody knows is never rung again where any call to that number may have been it: at most once.
 */
export function voiceChannel(providers: () => Providers, timeout: number): Channel {
  return {
    name: 'voice',
    timeout,
    reaches: ({ phone }) => phone !== undefined && providers().twilio?.voice === true,
    async send({ phone = '' }, message) {
      const { twilio } = providers();
      if (!twilio) return { sent: false, why: 'no', says: 'there is no Twilio in the configuration' };
      const From = (twilio.voice_from ?? twilio.from) as string;
      const pressed = twilio.public_url !== undefined && message.token !== undefined ? `${twilio.public_url}/twilio/voice/${message.token}` : undefined;
      return deliveryOf(await askTwilio(twilio, 'POST', '/Calls.json', { To: phone, From, Twiml: spoken(message, pressed), Timeout: '30' }, timeout));
    },
    async find({ phone = '' }) {
      const { twilio } = providers();
      if (!twilio) return 'unsure';
      const since = new Date(Date.now() - RECENT).toISOString().slice(0, 10);
      const rows = await listOf(twilio, 'Calls', { To: phone, 'StartTime>': since }, timeout);
      if (!rows) return 'unsure';
      const recent = rows.some(({ date_created: made }) => !(Date.now() - Date.parse(String(made)) > RECENT));
      return recent ? 'unsure' : undefined;
    },
  };
}

function spoken({ text, page }: PageMessage, pressed: string | undefined): string {
  const say = `<Say>Holdfast. ${escaped(firstLine(text, SPOKEN))}.</Say><Pause length="1"/>`;
  if (pressed === undefined) return `<Response>${say}${say}<Say>Answer where you chat: ack ${escaped(page)}.</Say></Response>`;
  const ask = `<Gather numDigits="1" timeout="6" action="${escaped(pressed)}" method="POST">${say}<Say>Press 1 to acknowledge.</Say></Gather>`;
  return `<Response>${ask}${ask}<Say>Nobody pressed a key. It goes on.</Say></Response>`;
}
