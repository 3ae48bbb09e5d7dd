import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { PACES, type Pace } from '../../src/deliver/pace.ts';
import { runSender } from '../../src/deliver/sender.ts';
import type { Renderer } from '../../src/deliver/shown.ts';
import type { Store } from '../../src/store/db.ts';
import { openDb } from '../../src/store/open.ts';
import { kept, quiet } from '../store/quiet.ts';
import { aMessenger } from './a-messenger.ts';

let db: Store;
let log = kept();
let chat = aMessenger();
let titles: Record<string, string> = {};
let close: () => Promise<void> = async () => {};
const renderers: Record<string, Renderer> = { incident: async (_, id) => ({ card: { title: titles[id] ?? `${id} major` } }) };
/** The platform's pace, twenty times as fast; of posts there are few at once. */
const FAST: Pace = { ...PACES.slack, channel: 50, edit: 150, firstWords: 40, posts: { burst: 4, every: 5 }, edits: { burst: 50, every: 5 } };
const sender = async (pace = FAST) => {
  close = (await runSender({ db, log, renderers, messenger: chat.messenger, holder: 'here:1', pace })).close;
};
beforeAll(async () => {
  db = await openDb({ memory: true, log: quiet });
  return () => db.close();
});
beforeEach(() => {
  log = kept();
  chat = aMessenger();
  titles = {};
});
afterEach(async () => {
  await close();
  for (const table of ['messages', 'cards', 'leases']) await db.query(`delete from ${table}`);
});

/** An incident in #ops that is to have a channel of its own, called `C` and its id. */
const opened = async (id: string, place: object = {}) => {
  await db.query(
    `insert into cards (thing_kind, thing_id, platform, channel, place, pin, opens) values ('incident', $1, 'slack', 'C0OPS', $2, true, $3)
     on conflict (thing_kind, thing_id, platform, channel) do update set wanted_rev = cards.wanted_rev + 1`,
    [
      id,
      JSON.stringify({ platform: 'slack', channel: 'C0OPS', zone: 'UTC', ...place }),
      JSON.stringify({ name: id.toLowerCase(), topic: id, mark: id, invite: [] }),
    ],
  );
};
/** Words of an incident, which stand in its channel, or under its card. */
const words = (id: string, ...said: string[]) =>
  db.query(
    `insert into messages (key, platform, channel, place, body, made)
     select $1 || one, 'slack', 'C0OPS', '{"platform":"slack","channel":"C0OPS","zone":"UTC"}',
            jsonb_build_object('card', jsonb_build_object('title', one), 'under', jsonb_build_object('kind', 'incident', 'id', $1)), now()
     from unnest($2::text[]) one`,
    [id, said],
  );

test('more words than may be posted at once wait for a channel that is to be made: it is made, and has them and the card', async () => {
  const said = Array.from({ length: 12 }, (_, n) => `word ${n}`);
  await words('INC-1', ...said);
  await opened('INC-1');
  // None comes again within this test: a word that looks for its channel must cost none.
  await sender({ ...FAST, posts: { burst: 14, every: 60_000 } });
  await expect.poll(() => chat.says('CINC-1').sort(), { timeout: 10_000 }).toEqual(['INC-1 major', ...said].sort());
  expect(chat.calls.filter(({ does }) => does === 'open')).toHaveLength(1);
});

test('an incident that was opened in a thread has its card in the channel of its own, in no thread, and it is for everybody there', async () => {
  await opened('INC-1', { thread: '17.1', user: 'U0ADA' });
  await sender();
  await expect.poll(() => chat.seen().map(({ where }) => where)).toEqual(expect.arrayContaining(['C0OPS/17.1', 'CINC-1']));
  expect(await db.query(`select place from cards where channel = 'CINC-1'`)).toEqual([{ place: { platform: 'slack', channel: 'CINC-1', zone: 'UTC' } }]);
});

test('a channel of its own is made while the cards beside it change all the time', async () => {
  await db.query(
    `insert into cards (thing_kind, thing_id, platform, channel, place) select 'incident', 'INC-' || n, 'slack', 'C0OPS', '{}' from generate_series(10, 40) n`,
  );
  await db.query(`update cards set wall_made = now() - interval '1 minute'`);
  await opened('INC-1');
  await sender();
  await expect.poll(() => chat.calls.some(({ does }) => does === 'open'), { timeout: 5_000 }).toBe(true);
  expect(chat.calls.filter(({ does }) => does === 'post').length).toBeLessThan(10);
});

const UNSURE = { says: { sent: false, why: 'unsure', says: 'HTTP 503' } } as const;
const tries = async () => (await db.query<{ open_tries: number }>(`select open_tries from cards where channel = 'C0OPS'`))[0]?.open_tries;

test('a platform that answers nobody is asked again for the channel, as often as it takes, and what is posted beside it does not wait', async () => {
  chat.wrong(({ does, n }) => (does === 'open' || (does === 'post' && n === 1) ? UNSURE : undefined));
  await opened('INC-1');
  await sender();
  await expect.poll(() => chat.calls.map(({ does }) => does), { timeout: 5_000 }).toEqual(expect.arrayContaining(['open', 'post']));
  expect(await tries()).toBe(0);
  chat.wrong(() => undefined);
  await expect.poll(() => chat.says('CINC-1'), { timeout: 8_000 }).toEqual(['INC-1 major']);
});

test('one that answers others and does not say what came of it is asked five times, then the words stand in the thread, and the log says so', async () => {
  chat.wrong(({ does }) => (does === 'open' ? UNSURE : undefined));
  await opened('INC-1');
  await sender();
  await expect.poll(() => chat.says('C0OPS'), { timeout: 5_000 }).toEqual(['INC-1 major']);
  await words('INC-1', 'It is the cable.');
  await expect.poll(tries, { timeout: 8_000 }).toBe(1);
  expect(log.said.filter(({ level }) => level === 'warn')).toEqual([]);
  expect(chat.says()).not.toContain('It is the cable.');
  await db.query('update cards set open_tries = 4');
  await db.tx((tx) => tx.notify('shown', 'message'));
  await expect.poll(() => chat.says(`C0OPS/${chat.seen()[0]?.id}`), { timeout: 12_000 }).toEqual(['It is the cable.']);
  expect(log.said.map(({ message }) => message)).toContain('no channel of its own can be made beside it; what is said stands in the thread');
}, 40_000);

test('what is said under a card that was asked for in a thread stands in that thread: there is none under a message of one', async () => {
  await opened('INC-1', { thread: '17.1' });
  await db.query('update cards set opens = null');
  await words('INC-1', 'It is the cable.');
  await sender();
  await expect.poll(() => chat.says('C0OPS/17.1'), { timeout: 5_000 }).toEqual(['INC-1 major', 'It is the cable.']);
});

test('a message that its own channel will not have costs the incident nothing; one that finds the channel gone stands in the thread, and so do the next', async () => {
  const told: string[] = [];
  const unlisten = await db.listen('shown', (payload) => void told.push(payload));
  await opened('INC-1');
  await sender();
  await expect.poll(() => chat.says('CINC-1'), { timeout: 5_000 }).toEqual(['INC-1 major']);
  chat.wrong(({ where, does }) => (where === 'CINC-1' && does === 'post' ? { says: { sent: false, why: 'no', says: 'msg_too_long' } } : undefined));
  await words('INC-1', 'far too long');
  await db.tx((tx) => tx.notify('shown', 'message'));
  await expect.poll(() => db.query('select state from messages'), { timeout: 5_000 }).toEqual([{ state: 'undeliverable' }]);
  expect(await db.query(`select opened from cards where channel = 'C0OPS'`)).toEqual([{ opened: 'CINC-1' }]);

  chat.wrong(({ where }) => (where === 'CINC-1' ? { says: { sent: false, why: 'no', says: 'is_archived', gone: true } } : undefined));
  const before = told.filter((payload) => payload === 'channel').length;
  await words('INC-1', 'It is the cable.');
  await db.tx((tx) => tx.notify('shown', 'message'));
  const home = chat.seen().find(({ where }) => where === 'C0OPS');
  await expect.poll(() => chat.says(`C0OPS/${home?.id}`), { timeout: 5_000 }).toEqual(['It is the cable.']);
  await expect.poll(() => told.filter((payload) => payload === 'channel').length).toBe(before + 1);
  expect(log.said.map(({ message }) => message)).toContain('the channel that something had for itself is gone; what is said stands in its thread');
  await unlisten();
});
