import { describe, expect, test } from 'vitest';
import type { Smtp } from '../../../src/config/providers.ts';
import { secret } from '../../../src/config/secret.ts';
import type { PageMessage } from '../../../src/deliver/channel.ts';
import { fakeSmtp } from '../../fake/smtp.ts';
import { STOPPED, WRONG } from '../../fake/twilio.ts';
import { messageOf, person } from '../some-pages.ts';
import { allProviders } from './all-providers.ts';

const page: PageMessage = { ...messageOf('PG7', 2, 'PG7: db01 is down, 40 hosts wait'), link: 'https://holdfast.example.org/ack/9.token', token: '9.token' };
/** What somebody outside may have put into the text of a page. */
const hostile = `PG7: </Say><Hangup/> <script>alert(1)</script> "&'\r\nBcc: all@example.org\u0000 $(reboot) <!channel> @everyone`;

describe('by ntfy', () => {
  test('a push has the page as its title, its urgency, and a button that posts by itself', async () => {
    const { ntfy, channels, ada } = await allProviders();
    expect(await channels.ntfy.send(ada, { ...page, urgency: 'critical' })).toEqual({ sent: true, id: 'ntfy1' });
    expect(ntfy.phone).toEqual([
      {
        topic: 'ada-topic',
        title: 'PG7: db01 is down, 40 hosts wait',
        message: '✗ PG7: db01 is down, 40 hosts wait\nsince 12:00',
        priority: 5,
        tags: ['rotating_light'],
        click: page.link,
        actions: [{ action: 'http', label: 'Ack', url: page.link, method: 'POST', clear: true }],
      },
    ]);
  });

  test('a person’s own server gets it without the token of ours', async () => {
    const { channels, ntfy } = await allProviders();
    const own = await allProviders();
    const kim = person('kim', { ntfy: secret(`${own.ntfy.url}/kim-topic`) });
    // The stand-in asks for the token: without one it refuses, and that is what is seen here.
    expect(await channels.ntfy.send(kim, page)).toEqual({ sent: false, why: 'no', says: 'ntfy: HTTP 403, forbidden' });
    expect(own.ntfy.faults.calls).toBe(1);
    expect(ntfy.faults.calls).toBe(0);
  });

  test('a long brief is cut to what ntfy takes, between characters', async () => {
    const { ntfy, channels, ada } = await allProviders();
    const delivery = await channels.ntfy.send(ada, { ...page, card: { title: 'x', body: ['ä'.repeat(5_000)] } });
    expect(delivery.sent).toBe(true);
    expect(ntfy.phone[0]?.message).toMatch(/^x\nä+…$/);
  });
});

describe('by e-mail', () => {
  test('the Message-ID is the key, all of a page are one thread, and it says it was made by a program', async () => {
    const { smtp, channels, ada } = await allProviders();
    expect(await channels.email.send(ada, page)).toEqual({ sent: true, id: '<PG7-2@north.example.org>' });
    expect(smtp.mailboxes).toHaveLength(1);
    const [mail] = smtp.mailboxes;
    expect(mail).toMatchObject({ from: 'holdfast@example.org', to: ['ada@example.org'] });
    for (const line of [
      'Message-ID: <PG7-2@north.example.org>',
      'References: <PG7@north.example.org>',
      'Auto-Submitted: auto-generated',
      'Subject: PG7: db01 is down, 40 hosts wait',
    ])
      expect(mail?.raw).toContain(line);
    expect(mail?.raw.replace(/=\r?\n/g, '')).toContain('https://holdfast.example.org/ack/9.token');
  });

  test('nothing in a text becomes a header, a recipient or a tag', async () => {
    const { smtp, channels, ada } = await allProviders();
    await channels.email.send(ada, { ...page, text: hostile, card: { title: hostile } });
    const [mail] = smtp.mailboxes;
    expect(mail?.to).toEqual(['ada@example.org']);
    expect(mail?.raw).not.toMatch(/^Bcc:/im);
    const html = (mail?.raw ?? '').slice(mail?.raw.indexOf('text/html')).replace(/=\r?\n/g, '');
    expect(html).not.toMatch(/<script|<Hangup/i);
  });

  test('an account and its password are shown to the server, and a wrong one is no yes', async () => {
    const { config, channels, ada } = await allProviders();
    const strict = await fakeSmtp({ user: 'holdfast', password: 'right' });
    const as = (password: string) => ({ ...(config.providers.smtp as Smtp), port: strict.port, user: 'holdfast', password: secret(password) });
    config.providers.smtp = as('wrong');
    expect(await channels.email.send(ada, page)).toMatchObject({ sent: false, why: 'no', says: expect.stringContaining('535') });
    config.providers.smtp = as('right');
    expect((await channels.email.send(ada, page)).sent).toBe(true);
    expect(strict.mailboxes).toHaveLength(1);
  });

  test('a server that cannot show who it is gets no mail and no password', async () => {
    const { config, channels, ada } = await allProviders();
    const stranger = await fakeSmtp({ user: 'holdfast', password: 'right', starttls: true });
    config.providers.smtp = { ...(config.providers.smtp as Smtp), port: stranger.port, tls: 'starttls', user: 'holdfast', password: secret('right') };
    expect(await channels.email.send(ada, page)).toMatchObject({ sent: false, why: 'later' });
    expect(stranger.mailboxes).toEqual([]);
    expect(stranger.logins).toEqual([]);
  });
});

describe('by SMS', () => {
  test('the text fits, names its attempt, and says how to answer', async () => {
    const { twilio, channels, ada } = await allProviders({ twilio: { public_url: 'https://holdfast.example.org' } });
    expect(await channels.sms.send(ada, page)).toEqual({ sent: true, id: twilio.texts[0]?.sid });
    expect(twilio.texts).toMatchObject([
      { to: '+441632960001', from: '+15005550006', body: `PG7: db01 is down, 40 hosts wait (PG7-2) Reply "ack PG7". ${page.link}` },
    ]);
  });

  test.each([
    ['a number that is none', WRONG, '21211'],
    ['somebody who has written STOP', STOPPED, '21610'],
  ])('to %s is a no, in the words of the provider', async (_, phone, code) => {
    const { channels } = await allProviders();
    expect(await channels.sms.send(person('kim', { phone }), page)).toMatchObject({ sent: false, why: 'no', says: expect.stringContaining(code) });
  });

  test('what was taken is found by the key of its attempt, and nothing else is', async () => {
    const { channels, ada, twilio } = await allProviders();
    expect(await channels.sms.find?.(ada, page)).toBeUndefined();
    await channels.sms.send(ada, { ...page, key: 'PG7-22' });
    expect(await channels.sms.find?.(ada, page)).toBeUndefined();
    await channels.sms.send(ada, page);
    expect(await channels.sms.find?.(ada, page)).toBe(twilio.texts[1]?.sid);
    twilio.faults.fault = 'broken';
    expect(await channels.sms.find?.(ada, page)).toBe('unsure');
  });
});

describe('by telephone', () => {
  test('a call speaks it twice and takes a key, where there is an address for the key', async () => {
    const { twilio, channels, ada } = await allProviders({ twilio: { public_url: 'https://holdfast.example.org', voice_from: '+15005550007' } });
    await channels.voice.send(ada, page);
    expect(twilio.calls).toMatchObject([{ to: '+441632960001', from: '+15005550007' }]);
    expect(twilio.calls[0]?.body.match(/db01 is down/g)).toHaveLength(2);
    expect(twilio.calls[0]?.body).toContain('action="https://holdfast.example.org/twilio/voice/9.token"');
  });

  test('without one it only speaks, and says where to answer', async () => {
    const { twilio, channels, ada } = await allProviders();
    await channels.voice.send(ada, page);
    expect(twilio.calls[0]?.body).not.toContain('<Gather');
    expect(twilio.calls[0]?.body).toContain('ack PG7');
  });

  test('no text from outside ends the call, or says anything to Twilio', async () => {
    const { twilio, channels, ada } = await allProviders();
    await channels.voice.send(ada, { ...page, text: hostile });
    expect([...(twilio.calls[0]?.body ?? '').matchAll(/<\/?(\w+)/g)].map(([, tag]) => tag)).toEqual([
      'Response',
      'Say',
      'Say',
      'Pause',
      'Say',
      'Say',
      'Pause',
      'Say',
      'Say',
      'Response',
    ]);
  });

  test('is never rung again where a call to that number may have been it', async () => {
    const { channels, ada } = await allProviders();
    expect(await channels.voice.find?.(ada, page)).toBeUndefined();
    await channels.voice.send(ada, { ...page, key: 'PG8-1' });
    expect(await channels.voice.find?.(ada, page)).toBe('unsure');
  });
});

test('by webhook a program of one’s own gets all of it, signed, under a key that is the same the second time', async () => {
  const { webhook, channels, ada } = await allProviders();
  expect(await channels.webhook.send(ada, page)).toEqual({ sent: true, id: 'PG7-2' });
  await channels.webhook.send(ada, page);
  expect(webhook.got.map(({ key }) => key)).toEqual(['PG7-2', 'PG7-2']);
  expect(webhook.got[0]?.body).toMatchObject({ page: 'PG7', urgency: 'high', person: 'ada', text: page.text, link: page.link });
});
