import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { defineCommand } from '../../src/chat/command.ts';
import { thing } from '../../src/chat/options.ts';
import { ConfigSchema } from '../../src/config/schema.ts';
import { openLinks } from '../../src/deliver/links.ts';
import { openIngest } from '../../src/ingest/open.ts';
import type { Ops } from '../../src/ops.ts';
import type { Store } from '../../src/store/db.ts';
import { openDb } from '../../src/store/open.ts';
import { person, putPage } from '../deliver/some-pages.ts';
import { ACCOUNT, signedForm, TOKEN } from '../fake/twilio.ts';
import { spine } from '../spine.ts';
import { kept } from '../store/quiet.ts';

let db: Store;
beforeAll(async () => {
  db = await openDb({ memory: true, log: kept() });
});
afterAll(() => db.close());
beforeEach(async () => {
  await db.query('delete from pages');
  await db.query('delete from inbox');
});

const PUBLIC = 'https://holdfast.example.org';
const ada = person('ada', { phone: '+441632960001' });

/** As much of an answer as these tests need: who is paged and when is the room of pages' own. */
const answer = (name: string) =>
  defineCommand({
    name,
    summary: name,
    examples: [`${name} PG1`],
    role: 'known',
    options: z.object({ page: thing({ ids: ['page'], lists: [] }, { words: 'the page' }) }),
    async run({ options: { page }, actor }) {
      const id = (page as { id: string }).id;
      return {
        card: { title: `${id} <is> with ${actor.name}` },
        write: async (tx) => void (await tx.query(`update pages set state = 'acked', acked_by = $2 where id = $1`, [id, `${name} ${actor.name}`])) as undefined,
      };
    },
  });

async function heard(more: { publicUrl?: string } = { publicUrl: PUBLIC }) {
  const log = kept();
  const config = ConfigSchema.parse({
    listen: { private: { url: PUBLIC } },
    providers: { twilio: { account: ACCOUNT, token: TOKEN, from: '+15005550006', ...(more.publicUrl && { public_url: more.publicUrl }) } },
  });
  const typed = await spine(db, { commands: [answer('ack'), answer('pass')], log, ops: { people: () => [ada], config: () => config } });
  const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-answer-'));
  const ops = { clock: typed.clock, log, people: () => [ada], config: () => config, fleet: () => ({ hosts: new Map() }), stop: {} } as unknown as Ops;
  const ingest = await openIngest({
    ...{ ops, db, log, dataDir, env: { PRIVATE_PORT: '0' }, renderers: {} },
    take: (line) => typed.lines.take(line),
    show: async () => ({}),
    sayLine: () => '',
  } as Parameters<typeof openIngest>[0]);
  onTestFinished(async () => {
    await ingest.close();
    await typed.close();
    rmSync(dataDir, { recursive: true });
  });
  const links = await openLinks(db);
  const ask = async (method: string, path: string, init: RequestInit = {}) => {
    const response = await fetch(`${ingest.url}${path}`, { method, ...init });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  return {
    log,
    ask,
    token: async (page = 'PG1') => links.token((await db.query<{ id: string }>('select id from page_attempts where page = $1', [page]))[0]?.id as string),
    twilio: (path: string, form: Record<string, string>) => ask('POST', path, signedForm(`${PUBLIC}${path}`, form)),
  };
}

const stateOf = async (page = 'PG1') => (await db.query('select state, acked_by from pages where id = $1', [page]))[0];
const sentPage = async (id: string, channel: 'ntfy' | 'sms' = 'ntfy', text?: string) => {
  await putPage(db, id, [{ channel }], text === undefined ? {} : { text });
  await db.query(`update page_attempts set state = 'sent' where page = $1`, [id]);
};

describe('a link in a message', () => {
  test('changes nothing however often it is opened: previews and mail scanners open everything', async () => {
    const { ask, token } = await heard();
    await sentPage('PG1', 'ntfy', '<img src=x onerror=alert(1)> db down');
    for (const method of ['GET', 'HEAD', 'GET']) expect((await ask(method, `/ack/${await token()}`)).status).toBe(200);
    const { text, headers } = await ask('GET', `/ack/${await token()}`);
    expect(text).toContain('<button>Acknowledge PG1</button>');
    expect(text).toContain('&lt;img src=x onerror=alert(1)&gt; db down');
    expect(text).not.toContain('<img');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await stateOf()).toEqual({ state: 'open', acked_by: null });
  });

  test('acknowledges by its button as the one it was sent to, once, with an audit row', async () => {
    const { ask, token } = await heard();
    await sentPage('PG1');
    const first = await ask('POST', `/ack/${await token()}`);
    expect(first.status).toBe(200);
    expect(first.text).toContain('PG1 &lt;is&gt; with ada');
    expect(await stateOf()).toEqual({ state: 'acked', acked_by: 'ack ada' });
    expect((await ask('POST', `/ack/${await token()}`)).text).toContain('PG1 &lt;is&gt; with ada');
    expect(await db.query(`select who, command, outcome, place ->> 'channel' as by from audit where command = 'ack PG1'`)).toEqual([
      { who: 'ada', command: 'ack PG1', outcome: 'ok', by: expect.stringMatching(/^attempt:\d+$/) },
    ]);
  });

  test('does not quieten a second time what burns again after its acknowledgement has lapsed', async () => {
    const { ask, token } = await heard();
    await sentPage('PG1');
    await ask('POST', `/ack/${await token()}`);
    await db.query(`update pages set state = 'open'`);
    const again = await ask('POST', `/ack/${await token()}`);
    expect([again.status, again.text]).toEqual([409, expect.stringContaining('used before')]);
    expect(await stateOf()).toMatchObject({ state: 'open' });
  });

  test('of another attempt, cut, or guessed opens nothing, and is in no log', async () => {
    const { ask, token, log } = await heard();
    await sentPage('PG1');
    await sentPage('PG2');
    const [one, two] = [await token('PG1'), await token('PG2')];
    const mixed = `${two.split('.')[0]}.${one.split('.')[1]}`;
    for (const wrong of [mixed, one.slice(0, -1), `${one}A`, 'x', `${two.split('.')[0]}.${'A'.repeat(24)}`]) {
      expect((await ask('POST', `/ack/${wrong}`)).status).toBe(404);
      expect((await ask('GET', `/ack/${wrong}`)).status).toBe(404);
    }
    expect(await stateOf()).toMatchObject({ state: 'open' });
    expect(JSON.stringify(log.said)).not.toContain(one);
  });
});

describe('what Twilio brings', () => {
  test('a 1 on the telephone acknowledges, any other key does not', async () => {
    const { token, twilio } = await heard();
    await sentPage('PG1');
    expect((await twilio(`/twilio/voice/${await token()}`, { Digits: '7', CallSid: 'CA1' })).text).toContain('Not acknowledged');
    expect(await stateOf()).toMatchObject({ state: 'open' });
    const pressed = await twilio(`/twilio/voice/${await token()}`, { Digits: '1', CallSid: 'CA1' });
    expect(pressed.text).toBe('<?xml version="1.0" encoding="UTF-8"?><Response><Say>PG1 &#60;is&#62; with ada</Say></Response>');
    expect(await stateOf()).toMatchObject({ state: 'acked' });
  });

  test.each([
    ['ack', 'ack ada'],
    [' OK. ', 'ack ada'],
    ['1', 'ack ada'],
    ['Ack pg1!', 'ack ada'],
    ['pass PG1', 'pass ada'],
  ])('%j as an answer by SMS is understood', async (Body, by) => {
    const { twilio } = await heard();
    await sentPage('PG1', 'sms');
    const { text } = await twilio('/twilio/sms', { From: '+441632960001', MessageSid: `SM${Math.random()}`, Body });
    expect(text).toContain('<Message>PG1 &#60;is&#62; with ada</Message>');
    expect(await stateOf()).toEqual({ state: 'acked', acked_by: by });
  });

  test.each([['stop everything'], ['ack PG1; reboot @all'], ['ack PG1 --json'], ['power off kvm01']])(
    '%j is no command, whatever else it would be',
    async (Body) => {
      const { twilio } = await heard();
      await sentPage('PG1', 'sms');
      expect((await twilio('/twilio/sms', { From: '+441632960001', MessageSid: 'SM1', Body })).text).toContain('Not understood');
      expect(await db.query('select 1 from inbox')).toEqual([]);
    },
  );

  test('from a number nobody has is nothing done, and nothing answered', async () => {
    const { twilio } = await heard();
    await sentPage('PG1', 'sms');
    expect((await twilio('/twilio/sms', { From: '+15551234567', MessageSid: 'SM1', Body: 'ack PG1' })).text).not.toContain('<Message>');
    expect(await stateOf()).toMatchObject({ state: 'open' });
  });

  test('delivered twice is done once', async () => {
    const { twilio } = await heard();
    await sentPage('PG1', 'sms');
    for (let n = 0; n < 2; n++) await twilio('/twilio/sms', { From: '+441632960001', MessageSid: 'SM1', Body: 'ack' });
    expect(await db.query('select count(*)::int as n from inbox')).toEqual([{ n: 1 }]);
  });

  test('without its signature, or with that of another address or text, is refused', async () => {
    const { ask, token } = await heard();
    await sentPage('PG1', 'sms');
    const path = '/twilio/sms';
    const form = { From: '+441632960001', MessageSid: 'SM1', Body: 'ack' };
    const good = signedForm(`${PUBLIC}${path}`, form);
    const forged = [
      { ...good, headers: { 'content-type': good.headers['content-type'] as string } },
      signedForm(`https://elsewhere.example.org${path}`, form),
      { ...good, body: good.body.replace('ack', 'pass') },
    ];
    for (const one of forged) expect((await ask('POST', path, one)).status).toBe(403);
    expect((await ask('POST', `/twilio/voice/${await token()}`, { body: 'Digits=1' })).status).toBe(403);
    expect(await stateOf()).toMatchObject({ state: 'open' });
  });

  test('is not there where no public address is configured', async () => {
    const { twilio } = await heard({});
    expect((await twilio('/twilio/sms', { From: '+441632960001', MessageSid: 'SM1', Body: 'ack' })).status).toBe(404);
  });
});
