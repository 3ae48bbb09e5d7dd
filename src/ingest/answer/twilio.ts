import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Context, Hono } from 'hono';
import type { Twilio } from '../../config/providers.ts';
import { textOf } from '../body.ts';
import { Wrong } from '../wrong.ts';
import { type AnswerWorld, askedBy, lastAsked, say, sayWhatCame } from './say.ts';

export interface TwilioWorld extends AnswerWorld {
  twilio(): Twilio | undefined;
}

/** What Twilio posts when somebody presses a key or answers an SMS. Nothing is done without its signature. */
export function serveTwilio(app: Hono, world: TwilioWorld): void {
  app.post('/twilio/voice/:token', async (c) => {
    const form = await signed(c, world);
    const asked = await askedBy(world, c.req.param('token'));
    if (form.get('Digits') !== '1') return spoken(c, 'Not acknowledged. It goes on.');
    return spoken(c, sayWhatCame(await say(world, asked, `call:${form.get('CallSid')}`, `ack ${asked.page}`)));
  });
  app.post('/twilio/sms', async (c) => {
    const form = await signed(c, world);
    const [from, id] = [form.get('From'), form.get('MessageSid')];
    const person = world.people().find(({ phone }) => phone !== undefined && phone === from);
    // Whoever is not known gets no answer: each costs money, and says that somebody is here.
    if (!person || !id) return twiml(c, '');
    const line = lineIn(form.get('Body') ?? '');
    const asked = await lastAsked(world, person, 'sms', line?.page);
    if (!line || !asked) return replied(c, 'Not understood. Answer with: ack, pass or take, and the number of the page, as in: ack PG1');
    return replied(c, sayWhatCame(await say(world, asked, `sms:${id}`, `${line.verb} ${line.page ?? asked.page}`)));
  });
}

/** `Ack`, `ok pg7`, `1`, `pass PG7`: what a thumb types in the dark. Nothing else of a text becomes a command. */
function lineIn(text: string): { verb: string; page?: string } | undefined {
  const [, word = '', page] = /^\s*(ack|ok|yes|1|pass|take)\b[\s.!,]*(PG\d{1,9})?[\s.!]*$/i.exec(text) ?? [];
  if (word === '') return undefined;
  const verb = /^(pass|take)$/i.test(word) ? word.toLowerCase() : 'ack';
  return { verb, ...(page !== undefined && { page: page.toUpperCase() }) };
}

/** https://www.twilio.com/docs/usage/webhooks/webhooks-security: HMAC-SHA1 over the address it called and the sorted fields. */
async function signed(c: Context, { twilio }: TwilioWorld): Promise<URLSearchParams> {
  const ours = twilio();
  if (ours?.public_url === undefined) throw new Wrong(404, 'There is nothing here.', { do: 'Set `providers.twilio.public_url`.' });
  const form = new URLSearchParams(await textOf(c));
  const url = new URL(c.req.url);
  const said = [...new Set(form.keys())].sort().map((name) => `${name}${form.get(name)}`);
  const wanted = createHmac('sha1', ours.token.reveal())
    .update(`${ours.public_url}${url.pathname}${url.search}${said.join('')}`)
    .digest();
  const given = Buffer.from(c.req.header('x-twilio-signature') ?? '', 'base64');
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) throw new Wrong(403, 'This is not signed by Twilio with the token of our account.');
  return form;
}

const spoken = (c: Context, text: string): Response => twiml(c, `<Say>${asText(text)}</Say>`);
const replied = (c: Context, text: string): Response => twiml(c, `<Message>${asText(text)}</Message>`);

function twiml(c: Context, inner: string): Response {
  return c.body(`<?xml version="1.0" encoding="UTF-8"?><Response>${inner}</Response>`, 200, { 'content-type': 'text/xml; charset=utf-8' });
}

const asText = (text: string): string =>
  text
    .slice(0, 300)
    .replace(/[\u0000-\u001f\ufffe\uffff]|\p{Surrogate}/gu, ' ')
    .replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
