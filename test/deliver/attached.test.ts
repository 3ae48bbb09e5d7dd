import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Attached, deliverAttached } from '../../src/deliver/attached.ts';
import type { Renderer } from '../../src/deliver/shown.ts';
import type { Store } from '../../src/store/db.ts';
import { openDb } from '../../src/store/open.ts';
import { kept, quiet } from '../store/quiet.ts';

let db: Store;
let attached: Attached;
let log = kept();
let render: Renderer = async (_, id) => ({ card: { title: `check ${id}` } });
beforeAll(async () => {
  db = await openDb({ memory: true, log: quiet });
  return () => db.close();
});
beforeEach(async () => {
  log = kept();
  attached = await deliverAttached({ db, log, renderers: { reading: (...args) => render(...args) } });
});
afterEach(async () => {
  await attached.close();
  await db.query('delete from messages');
  await db.query('delete from cards');
});

let keys = 0;
const message = (channel: string, title: string) =>
  db.tx(async (tx) => {
    keys += 1;
    await tx.query(`insert into messages (key, platform, channel, place, body, made) values ($1, 'terminal', $2, '{}', $3, now())`, [
      `k${keys}`,
      channel,
      JSON.stringify({ card: { title } }),
    ]);
    await tx.notify('shown', 'line:1');
  });
const card = (channel: string, id: string, final: boolean) =>
  db.tx(async (tx) => {
    await tx.query(
      `insert into cards (thing_kind, thing_id, platform, channel, place, final) values ('reading', $1, 'terminal', $2, '{}', $3)
       on conflict (thing_kind, thing_id, platform, channel) do update set wanted_rev = cards.wanted_rev + 1, final = excluded.final`,
      [id, channel, final],
    );
    await tx.notify('shown', `reading:${id}`);
  });
function device(channel: string) {
  const shown: string[] = [];
  return { shown, detach: attached.attach(channel, async (text) => void shown.push(text)) };
}

describe('an attached device', () => {
  test('is shown what was waiting, then what comes, each once, however often it is woken', async () => {
    await message('a', 'one');
    const { shown } = device('a');
    await message('a', 'two');
    await message('other', 'not for a');
    for (let n = 0; n < 20; n++) await db.tx((tx) => tx.notify('shown'));
    await expect.poll(() => shown).toEqual(['one', 'two']);
    await expect.poll(attached.busy).toBe(false);
    expect(shown).toEqual(['one', 'two']);
  });

  test('that goes away before it took the text is shown it at its return; nobody dies of it', async () => {
    const leave = attached.attach('b', () => Promise.reject(new Error('the client went away')));
    await message('b', 'hello');
    await expect.poll(() => log.said.length).toBeGreaterThan(0);
    leave();
    const { shown } = device('b');
    await expect.poll(() => shown).toEqual(['hello']);
  });

  test('that takes it the second time is shown it then, without another event', async () => {
    const shown: string[] = [];
    let tries = 0;
    attached.attach('c', async (text) => {
      tries += 1;
      if (tries === 1) throw new Error('busy');
      shown.push(text);
    });
    await message('c', 'hello');
    await expect.poll(() => shown, { timeout: 5000 }).toEqual(['hello']);
  });

  test('is shown the end of a thing once, also when the thing is asked to be shown again while it prints', async () => {
    const shown: string[] = [];
    attached.attach('d', async (text) => {
      shown.push(text);
      if (shown.length === 1) for (let n = 0; n < 5; n++) await db.tx((tx) => tx.notify('shown', 'reading:9'));
    });
    await card('d', '9', false);
    await card('d', '9', true);
    await expect.poll(() => shown).toEqual(['check 9']);
    await expect.poll(attached.busy).toBe(false);
    expect(shown).toHaveLength(1);
  });

  test('waits no longer than a few tries for an answer that cannot be made; it gets an id, and those behind it come', async () => {
    render = async (_, id) => {
      if (id === 'bad') throw new TypeError('cannot render');
      return { card: { title: `check ${id}` } };
    };
    const { shown } = device('e');
    await card('e', 'bad', true);
    await card('e', 'good', true);
    await expect.poll(() => shown.length, { timeout: 19_000 }).toBe(2);
    const id = /e-[0-9a-f]{8}/.exec(shown[0] as string)?.[0];
    expect(log.said.filter(({ level }) => level === 'error')).toMatchObject([{ fields: { id } }]);
    expect(shown[1]).toBe('check good');
  });

  test('that a JSON document is printed on cannot be steered by what a host said, and reads the same document', async () => {
    const said = 'a\u001b[2J\u009b31m\u202ereversed\u2028\u007f';
    render = async () => ({ card: { title: '' }, document: { said } });
    const { shown } = device('f');
    await card('f', '1', true);
    await expect.poll(() => shown.length).toBe(1);
    expect(shown[0]).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.parse(shown[0] as string)).toEqual({ said });
  });

  test('that never takes its text holds up no other, and not the end', async () => {
    const stuck = attached.attach('g', () => new Promise(() => {}));
    await message('g', 'never');
    const { shown } = device('h');
    await message('h', 'now');
    await expect.poll(() => shown).toEqual(['now']);
    stuck();
  });
});

test('a document moves no cursor and turns no text around, and is the same document', async () => {
  const document = { says: '\u001b[2J \u009b2J \u061c \u202eevil\u202c \u{e0041} \u2028 {"hosts":[]} 👩‍🚒' };
  render = async () => ({ card: { title: 'shown to people' }, document });
  await card('json', '77', true);
  const { shown } = device('json');
  await expect.poll(() => shown).toHaveLength(1);
  expect(shown[0]).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u{e0000}-\u{e0fff}\u2028\u2029]/u);
  expect(JSON.parse(shown[0] as string)).toEqual(document);
});
