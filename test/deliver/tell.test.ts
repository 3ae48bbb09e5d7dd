import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Config } from '../../src/config/schema.ts';
import { deliverAttached } from '../../src/deliver/attached.ts';
import { openTell } from '../../src/deliver/tell.ts';
import type { Person } from '../../src/people.ts';
import type { Store } from '../../src/store/db.ts';
import { openDb } from '../../src/store/open.ts';
import { kept } from '../store/quiet.ts';

let db: Store;
let log = kept();
const world = { config: () => ({ channels: {}, timezone: 'UTC' }) as Config, people: () => [] };
const AT = Date.UTC(2026, 10, 20);
const asks = { title: 'R1 waits for your approval: reboot @kvm, 12 hosts', actions: [{ label: 'Approve', command: 'approve R1' }] };
beforeAll(async () => {
  db = await openDb({ memory: true, log: kept() });
});
afterAll(() => db.close());
beforeEach(async () => {
  log = kept();
  await db.query('delete from messages');
  await db.query('delete from inbox');
});

const typedAt = (actor: string, channel: string) =>
  db.query(`insert into inbox (platform, event_id, actor, place, text, received, state) values ('terminal', $1, $2, $3, 'status', now(), 'ended')`, [
    `${actor} ${channel} ${Math.random()}`,
    actor,
    JSON.stringify({ platform: 'terminal', channel, zone: 'UTC' }),
  ]);
const place = (channel: string) => ({ platform: 'terminal' as const, channel, zone: 'UTC' });
const rows = () => db.query<{ channel: string; state: string; person: string }>(`select channel, state, person from messages order by id`);

describe('in the sandbox', () => {
  test('everything told to people is printed on the one terminal, with its id, and told once', async () => {
    const { tell } = openTell({ ...world, log, home: 'terminal:home' });
    for (let n = 0; n < 3; n++) await db.tx((tx) => tell(tx, { key: 'run:R1 approval ada', to: { person: 'ada' }, card: asks, at: AT }));
    const shown: string[] = [];
    const attached = await deliverAttached({ db, log, renderers: {} });
    attached.attach('terminal:home', async (text) => void shown.push(text));
    await expect.poll(() => shown).toHaveLength(1);
    const [row] = await db.query<{ id: string }>('select id from messages');
    expect(shown[0]?.split('\n')).toEqual([
      `to ada by dm (id m${row?.id}): R1 waits for your approval: reboot @kvm, 12 hosts`,
      '    /ops approve R1   [Approve]',
    ]);
    await expect.poll(async () => (await db.query('select state, provider_id from messages'))[0]).toEqual({ state: 'sent', provider_id: `m${row?.id}` });
    await attached.close();
  });
});

describe('on a fleet of one’s own', () => {
  test('a person is told at the terminals where they type, and where it was asked; a shell’s command that is over is no device', async () => {
    const { tell } = openTell({ ...world, log });
    await typedAt('ada', 'terminal:desk');
    await typedAt('ada', 'exec:gone');
    await db.tx((tx) => tell(tx, { key: 'k', to: { person: 'ada' }, card: asks, asked: place('terminal:yours'), at: AT }));
    expect((await rows()).map(({ channel }) => channel).sort()).toEqual(['terminal:desk', 'terminal:yours']);
    await db.tx((tx) => tell(tx, { key: 'k', to: { person: 'ada' }, card: asks, asked: place('terminal:yours'), at: AT }));
    expect(await rows()).toHaveLength(2);
  });

  test('somebody nobody can reach is kept as undeliverable, and the log says so once', async () => {
    const { tell } = openTell({ ...world, log });
    for (let n = 0; n < 2; n++) await db.tx((tx) => tell(tx, { key: 'k', to: { person: 'kim' }, card: asks, asked: place('exec:gone'), at: AT }));
    expect(await rows()).toEqual([{ channel: '', state: 'undeliverable', person: 'kim' }]);
    expect(log.said.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });
});

describe('people on chat platforms', () => {
  const config = {
    slack: {},
    discord: {},
    timezone: 'UTC',
    channels: { ops: { slack: 'C0OPS', discord: '200000000000000001', news: ['run', 'incident'] }, quiet: { slack: 'C0QUIET' } },
  } as unknown as Config;
  const people: Person[] = [
    { name: 'ada', display: 'Ada', roles: [], zone: 'Europe/Berlin', slack: 'U0ADA', discord: '100000000000000001' },
    { name: 'ben', display: 'Ben', roles: [], zone: 'UTC', slack: 'U0BEN' },
    { name: 'kim', display: 'Kim', roles: [], zone: 'UTC' },
  ];
  const open = () => openTell({ log, config: () => config, people: () => people });
  const all = () =>
    db.query<{ platform: string; channel: string; state: string; body: unknown }>('select platform, channel, state, body from messages order by id');

  test('are told by direct message at each of their accounts, and at their terminals', async () => {
    await typedAt('ada', 'terminal:desk');
    for (let n = 0; n < 2; n++) await db.tx((tx) => open().tell(tx, { key: 'k', to: { person: 'ada' }, card: asks, at: AT }));
    expect((await all()).map(({ platform, channel }) => `${platform} ${channel}`)).toEqual([
      'slack @U0ADA',
      'discord @100000000000000001',
      'terminal terminal:desk',
    ]);
  });

  test('that are not configured are no device', async () => {
    const { tell } = openTell({ log, config: () => ({ ...config, discord: undefined }), people: () => people });
    await db.tx((tx) => tell(tx, { key: 'k', to: { person: 'ada' }, card: asks, at: AT }));
    expect((await all()).map(({ platform }) => platform)).toEqual(['slack']);
  });

  test('where somebody has no device, the bound channel in which it was asked is told for whom it is', async () => {
    const asked = { platform: 'slack' as const, channel: 'C0OPS', user: 'U0BEN', zone: 'UTC' };
    await db.tx((tx) => open().tell(tx, { key: 'k', to: { person: 'kim' }, card: asks, asked, at: AT }));
    expect(await all()).toMatchObject([{ channel: 'C0OPS', state: 'waiting', body: { to: { person: 'kim', by: 'channel' } } }]);
  });

  test('hear nothing of what others asked for themselves alone', async () => {
    const asked = { platform: 'slack' as const, channel: 'C0ELSE', user: 'U0BEN', alone: true as const, zone: 'UTC' };
    await db.tx((tx) => open().tell(tx, { key: 'k', to: { person: 'kim' }, card: asks, asked, at: AT }));
    expect(await all()).toMatchObject([{ state: 'undeliverable' }]);
  });

  test('read news once in each channel that is bound to its kind, and nowhere else', async () => {
    const { news } = open();
    const what = { card: { title: 'INC-1 opened' } };
    for (let n = 0; n < 2; n++) await db.tx((tx) => news(tx, { key: 'incident:INC-1 opened', news: 'incident', what, at: AT }));
    await db.tx((tx) => news(tx, { key: 'page:PG1', news: 'page', what, at: AT }));
    expect((await all()).map(({ channel }) => channel)).toEqual(['C0OPS', '200000000000000001']);
  });

  test.each([
    ['in its thread', { thread: '17.1' }, null, false],
    ['in another thread there', { thread: '4.2' }, null, true],
    ['in the channel', {}, null, true],
    ['in its thread, while it has a channel of its own', { thread: '17.1' }, 'C0OWN', true],
    ['in the channel of its own', { channel: 'C0OWN' }, 'C0OWN', false],
    ['in a thread of that', { channel: 'C0OWN', thread: '9.1' }, 'C0OWN', false],
    ['in the channel of its own, for its asker alone', { channel: 'C0OWN', alone: true as const }, 'C0OWN', true],
  ])('read what is said under a card, unless it was typed there and is the answer: typed %s', async (_, typed, opened, read) => {
    const under = { kind: 'incident', id: 'INC-1' };
    await db.query(
      `insert into cards (thing_kind, thing_id, platform, channel, place, message_id, opened) values ('incident', 'INC-1', 'slack', 'C0OPS', '{}', '17.1', $1)`,
      [opened],
    );
    const except = { platform: 'slack' as const, channel: 'C0OPS', zone: 'UTC', ...typed };
    await db.tx((tx) => open().news(tx, { key: 'k', news: 'incident', what: { card: { title: 'It is the cable.' } }, under, except, at: AT }));
    expect((await all()).map(({ channel }) => channel)).toEqual([...(read ? ['C0OPS'] : []), '200000000000000001']);
    await db.query('delete from cards');
  });

  test('see one card of a thing in a channel, also when it is posted again: it moves to the bottom, once a reason', async () => {
    const { news, repost } = open();
    const thing = { kind: 'run', id: 'R1' };
    const place = { platform: 'slack' as const, channel: 'C0OPS', zone: 'UTC' };
    for (let n = 0; n < 2; n++) await db.tx((tx) => news(tx, { key: 'run:R1', news: 'run', what: { thing }, at: AT }));
    for (let n = 0; n < 2; n++) await db.tx((tx) => repost(tx, { key: 'run:R1 card day 2', thing, place, at: AT }));
    expect(await db.query(`select asked, wanted_rev from cards where channel = 'C0OPS'`)).toEqual([{ asked: 2, wanted_rev: 2 }]);
    await db.query('delete from cards');
  });
});

test('a card that is posted again is rendered as the thing is when it is sent', async () => {
  const { repost } = openTell({ ...world, log, home: 'terminal:home' });
  let title = 'R1 waits';
  await db.tx((tx) => repost(tx, { key: 'R1 ring 1', thing: { kind: 'run', id: 'R1' }, place: place('terminal:home'), at: AT }));
  title = 'R1 goes';
  const shown: string[] = [];
  const attached = await deliverAttached({ db, log, renderers: { run: async () => ({ card: { title } }) } });
  attached.attach('terminal:home', async (text) => void shown.push(text));
  await expect.poll(() => shown).toEqual(['R1 goes']);
  await attached.close();
});
