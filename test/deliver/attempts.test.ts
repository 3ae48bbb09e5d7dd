import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Delivery } from '../../src/deliver/channel.ts';
import type { Store } from '../../src/store/db.ts';
import { openDb } from '../../src/store/open.ts';
import { kept } from '../store/quiet.ts';
import { device, person, putPage, rowsOf, sending, yes } from './some-pages.ts';

/** The machine of a test may be busy. */
const PATIENT = { timeout: 10_000 };

let db: Store;
beforeAll(async () => {
  db = await openDb({ memory: true, log: kept() });
});
afterAll(() => db.close());
beforeEach(() => db.query('delete from pages'));

const ada = person('ada');
const no: Delivery = { sent: false, why: 'no', says: 'channel_not_found' };
const later = (after?: number): Delivery => ({ sent: false, why: 'later', says: '429', ...(after !== undefined && { after }) });
const unsure: Delivery = { sent: false, why: 'unsure', says: 'reset' };
const never = new Promise<Delivery>(() => {});

describe('what is due', () => {
  test('is sent once by one of several processes, and what the provider called it is kept', async () => {
    const { channel, got } = device('ntfy', yes);
    for (let n = 1; n <= 40; n++) await putPage(db, `PG${n}`, [{}]);
    await Promise.all([1, 2, 3].map(() => sending(db, [channel], [ada])));
    await expect.poll(async () => (await rowsOf(db)).filter(({ state }) => state === 'sent').length, { timeout: 10_000 }).toBe(40);
    expect(new Set(got.map(({ key }) => key)).size).toBe(40);
    expect(got).toHaveLength(40);
    expect(await db.query(`select provider_id from page_attempts where page = 'PG7'`)).toEqual([{ provider_id: 'id of PG7-1' }]);
  });

  test('goes in the order of need: the first page of one service before the 300th of another, attempts before notices', async () => {
    const { channel, got } = device('ntfy', yes);
    await putPage(db, 'PG400', [{ person: 'kim', notice: true }], { recipient: 'service:mail', opened: 1 });
    for (let n = 1; n <= 300; n++) await putPage(db, `PG${n}`, [{ rank: n - 1 }], { opened: n });
    await putPage(db, 'PG500', [{ person: 'kim' }], { recipient: 'service:web', opened: 999 });
    await sending(db, [channel], [ada, person('kim')]);
    await expect.poll(() => got.length, { timeout: 15_000 }).toBe(302);
    const at = (page: string): number => got.findIndex(({ key }) => key.startsWith(`${page}-`));
    // Both are nobody's second: they go in the first handful, whoever else has hundreds.
    expect(at('PG500')).toBeLessThan(10);
    expect(at('PG1')).toBeLessThan(10);
    expect(at('PG299')).toBeGreaterThan(at('PG2'));
  });

  test('is called off when nobody has to be told any more, and nobody is told', async () => {
    const { channel, got } = device('ntfy', yes);
    await putPage(db, 'PG1', [{}]);
    await db.query(`update pages set state = 'acked'`);
    await putPage(db, 'PG2', [{}]);
    await db.query(`update page_attempts set state = 'called off' where page = 'PG2'`);
    await sending(db, [channel], [ada]);
    await expect.poll(async () => (await rowsOf(db)).map(({ state }) => state), PATIENT).toEqual(['called off', 'called off']);
    expect(got).toEqual([]);
  });

  test('goes out with what was asked for alone, when its text cannot be made', async () => {
    const texts: string[] = [];
    const { channel } = device('ntfy', (who, message) => {
      texts.push(message.text);
      return yes(who, message);
    });
    await putPage(db, 'PG1', [{}]);
    await db.query('update page_attempts set tries = 2');
    const paging = { say: () => Promise.reject(new Error('of ours')), heard: async () => {} };
    const { log } = await sending(db, [channel], [ada], { paging });
    await expect.poll(() => texts, PATIENT).toEqual(['PG1: db down']);
    expect(log.said.some(({ message }) => message === 'the text of a page could not be made')).toBe(true);
  });
});

describe('what is not sent goes by the next channel at once', () => {
  test.each([
    ['the provider says no', no, 'failed'],
    ['it says later, for ten minutes', later(600_000), 'waiting'],
    ['nobody knows', unsure, 'failed'],
  ])('when %s', async (_, delivery, state) => {
    const slack = device('slack', () => delivery);
    const sms = device('sms', yes);
    await putPage(db, 'PG1', [{ channel: 'slack' }]);
    await sending(db, [slack.channel, sms.channel], [ada]);
    await expect.poll(() => sms.got.length, { timeout: 2_000 }).toBe(1);
    await expect
      .poll(async () => (await rowsOf(db)).map((row) => [row.channel, row.state]))
      .toEqual([
        ['slack', state],
        ['sms', 'sent'],
      ]);
    expect(slack.got).toHaveLength(1);
  });

  test('when the call hangs, as soon as its time is over; and nobody else waits for it', async () => {
    const email = device('email', () => never, { timeout: 300 });
    const sms = device('sms', yes);
    for (let n = 1; n <= 30; n++) await putPage(db, `PG${n}`, [{ channel: 'email' }]);
    const began = performance.now();
    await sending(db, [email.channel, sms.channel], [ada, person('kim')]);
    await putPage(db, 'PG77', [{ channel: 'sms', person: 'kim' }]);
    await expect.poll(() => sms.got.map(({ person }) => person), PATIENT).toEqual(['kim']);
    expect(performance.now() - began).toBeLessThan(1_000);
    // After five calls without an answer the others are told so at once: 30 pages do not wait 30 times.
    await expect.poll(() => sms.got.length, { timeout: 5_000 }).toBe(31);
    expect(email.got.length).toBeLessThan(10);
  });

  test('when the one who is meant is gone, or has no such address', async () => {
    const ntfy = device('ntfy', yes, { reaches: () => false });
    await putPage(db, 'PG1', [{ person: 'gone' }, { person: 'ada' }]);
    await sending(db, [ntfy.channel], [ada], {
      paging: { say: async () => ({ key: 'k', page: 'PG1', urgency: 'high', text: 't', card: { title: 't' } }), heard: async () => {} },
    });
    await expect
      .poll(async () => (await rowsOf(db)).map(({ says }) => says), PATIENT)
      .toEqual(['nobody is called gone any more', 'ada cannot be reached by ntfy']);
  });

  test('and what was only not taken yet is tried again by itself, after the time the provider named', async () => {
    const ntfy = device('ntfy', (who, message, nth) => (nth === 1 ? later(1_000) : yes(who, message)));
    await putPage(db, 'PG1', [{}]);
    await sending(db, [ntfy.channel], [ada]);
    await expect.poll(async () => (await rowsOf(db))[0], { timeout: 4_000 }).toMatchObject({ state: 'sent', tries: 2 });
  });
});

describe('what nobody knows', () => {
  test('is looked up where the provider can be asked, and sent again only when it has nothing', async () => {
    const taken = new Set<string>();
    const sms = device(
      'sms',
      (_, { key }, nth) => {
        if (key.startsWith('PG1-')) taken.add(key);
        return nth <= 2 ? unsure : { sent: true, id: key };
      },
      { find: async (_, { key }) => (taken.has(key) ? `found ${key}` : undefined) },
    );
    await putPage(db, 'PG1', [{ channel: 'sms' }]);
    await putPage(db, 'PG2', [{ channel: 'sms' }]);
    await sending(db, [sms.channel], [ada]);
    await expect.poll(async () => (await rowsOf(db)).map(({ state }) => state), { timeout: 8_000 }).toEqual(['sent', 'sent']);
    expect(sms.got.map(({ key }) => key).sort()).toEqual(['PG1-1', 'PG2-1', 'PG2-1']);
  });

  test('is not tried again where the provider cannot say either', async () => {
    const sms = device('sms', () => unsure, { find: async () => 'unsure' });
    await putPage(db, 'PG1', [{ channel: 'sms' }]);
    await sending(db, [sms.channel], [ada]);
    await expect.poll(async () => (await rowsOf(db))[0]?.state, { timeout: 8_000 }).toBe('failed');
    expect(sms.got).toHaveLength(1);
  });

  test('of a process that died is taken up within ten seconds: looked up first, or sent once more', async () => {
    const sms = device('sms', yes, { find: async () => 'SM1' });
    const ntfy = device('ntfy', yes);
    await putPage(db, 'PG1', [{ channel: 'sms' }, { channel: 'ntfy' }]);
    await db.query(`update page_attempts set state = 'sending', tries = 1, holder = 'elsewhere:1', held_until = now() + interval '1 second'`);
    await sending(db, [sms.channel, ntfy.channel], [ada]);
    await expect.poll(async () => (await rowsOf(db)).map(({ state }) => state), { timeout: 5_000 }).toEqual(['sent', 'sent']);
    expect(sms.got).toEqual([]);
    expect(ntfy.got).toHaveLength(1);
    expect(await db.query(`select provider_id from page_attempts where channel = 'sms'`)).toEqual([{ provider_id: 'SM1' }]);
  });

  test('of a process that stood still and woke up is not written by it: another one has it', async () => {
    let answer: (delivery: Delivery) => void = () => {};
    const first = device(
      'ntfy',
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
      { timeout: 60_000 },
    );
    await putPage(db, 'PG1', [{}]);
    const frozen = await sending(db, [first.channel], [ada]);
    await expect.poll(() => first.got.length, PATIENT).toBe(1);
    await db.query(`update page_attempts set holder = 'other:1', tries = 2`);
    answer(no);
    await expect.poll(frozen.attempts.busy, PATIENT).toBe(false);
    expect((await rowsOf(db)).map(({ state, tries }) => [state, tries])).toEqual([['sending', 2]]);
    expect((frozen.paging as unknown as { heardOf: unknown[] }).heardOf).toEqual([]);
  });
});

test('a page that cannot take in what came of an attempt does not have it sent again and again', async () => {
  const ntfy = device('ntfy', yes);
  await putPage(db, 'PG1', [{}]);
  const { log } = await sending(db, [ntfy.channel], [ada], {
    paging: {
      say: async () => ({ key: 'PG1-1', page: 'PG1', urgency: 'high', text: 't', card: { title: 't' } }),
      heard: () => Promise.reject(new Error('of ours')),
    },
  });
  await expect.poll(async () => (await rowsOf(db))[0]?.state, PATIENT).toBe('sent');
  expect(ntfy.got).toHaveLength(1);
  expect(log.said.some(({ level }) => level === 'error')).toBe(true);
});

test('ten thousand that are due at once take bounded hands: 64 by one channel at most, and all are sent', { timeout: 120_000 }, async () => {
  let under = 0;
  let most = 0;
  const ntfy = device('ntfy', async (who, message) => {
    most = Math.max(most, ++under);
    await new Promise((next) => setImmediate(next));
    under--;
    return yes(who, message);
  });
  await db.query(`insert into pages (id, text, urgency, by, opened) values ('PG1', 'x', 'high', 'kim', now())`);
  await db.query(
    `insert into page_attempts (page, n, round, step, person, channel, due) select 'PG1', n, 0, 0, 'p' || n % 500, 'ntfy', now() from generate_series(1, 10000) n`,
  );
  const people = Array.from({ length: 500 }, (_, n) => person(`p${n}`));
  const paging = {
    say: async (_: unknown, { n }: { n: number }) => ({ key: `PG1-${n}`, page: 'PG1', urgency: 'high' as const, text: 't', card: { title: 't' } }),
    heard: async () => {},
  };
  const before = process.memoryUsage().heapUsed;
  await sending(db, [ntfy.channel], people, { paging });
  await expect
    .poll(async () => (await db.query(`select count(*)::int as n from page_attempts where state = 'sent'`))[0], { timeout: 110_000, interval: 250 })
    .toEqual({ n: 10_000 });
  expect(most).toBeLessThanOrEqual(64);
  expect(new Set(ntfy.got.map(({ key }) => key)).size).toBe(10_000);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(150_000_000);
});
