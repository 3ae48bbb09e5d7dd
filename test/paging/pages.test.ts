import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Delivery } from '../../src/deliver/channel.ts';
import { acknowledge, passOn } from '../../src/paging/answer.ts';
import { resolvePages, silencePages } from '../../src/paging/end.ts';
import { askForPerson } from '../../src/store/events.ts';
import { devices } from './devices.ts';

// A database of its own for each; the first one of a run is made from nothing.
vi.setConfig({ testTimeout: 60_000 });

/** What people's devices received is asserted, one by one: a message too many fails as one that is missing does. */
let world: Awaited<ReturnType<typeof devices>>;
afterEach(() => world.close());

const place = { platform: 'terminal' as const, channel: 'test', zone: 'UTC' };
const no: Delivery = { sent: false, why: 'no', says: 'channel_not_found' };
const page = (text = 'db down', more: Partial<Parameters<typeof askForPerson>[1]> = {}) =>
  world.db.tx((tx) => askForPerson(tx, { text, urgency: 'high', to: 'service:web', by: 'you', at: world.clock.now(), ...more }));
const answer = (by: string, id = 'PG1') => world.db.tx((tx) => acknowledge(tx, { page: id, by, place, at: world.clock.now() }));

describe('a page', () => {
  test('goes by message, SMS after 2 minutes, a call after 5, to the next person after 10, and from the top 15 after the last', async () => {
    world = await devices({ people: ['ada', 'pepe'] });
    await page();
    await world.wait(0);
    expect(world.took()).toEqual(['ada dm']);
    await world.wait(4);
    expect(world.took()).toEqual(['ada sms']);
    await world.wait(2);
    expect(world.took()).toEqual(['ada voice']);
    await world.wait(5);
    expect(world.took()).toEqual(['pepe dm']);
    await world.wait(15);
    expect(world.took()).toEqual(['pepe sms', 'pepe voice', 'ada dm']);
  });

  test('one channel that is refused is the next at once, and a person by none of whose it goes is the next person at once', async () => {
    world = await devices({ people: ['ada', 'pepe'], answers: (person, channel) => (person === 'ada' || channel === 'dm' ? no : undefined) });
    await page();
    await world.wait(1);
    expect(world.took()).toEqual(['pepe sms']);
    const said = await world.db.query(`select data from events where thing = 'PG1' and type = 'passed over'`);
    expect(said).toEqual([{ data: { who: 'ada', why: 'no channel took it' } }]);
  });

  test('a channel that is busy for long is tried again and not waited for', async () => {
    world = await devices({
      people: ['ada', 'pepe'],
      answers: (_, channel) => (channel === 'dm' ? { sent: false, why: 'later', says: '429', after: 600_000 } : undefined),
    });
    await page();
    await world.wait(1);
    expect(world.took()).toEqual(['ada sms']);
  });

  test('whoever is away is passed over at once, and it is said', async () => {
    world = await devices({ people: ['ada', 'pepe'], away: ['ada'] });
    await page();
    await world.wait(0);
    expect(world.took()).toEqual(['pepe dm']);
    expect(await world.db.query(`select data from events where type = 'passed over'`)).toEqual([{ data: { who: 'ada', why: 'away until tomorrow' } }]);
  });

  test('an answer rests it: everyone who was asked is told once, whoever answered is not, and nothing follows', async () => {
    world = await devices({ people: ['ada', 'pepe', 'kim'] });
    await page();
    await world.wait(11);
    world.took();
    await answer('kim');
    await world.wait(0);
    expect(world.received.map(({ person, message }) => [person, message.text])).toEqual([
      ['ada', 'PG1 is with kim: db down'],
      ['pepe', 'PG1 is with kim: db down'],
    ]);
    world.took();
    await world.wait(60 * 24);
    expect(world.took()).toEqual([]);
  });

  test('about something that burns lapses after an hour and asks again; resolved it is over, and whoever was asked is told', async () => {
    world = await devices({ people: ['ada'] });
    await page('web01 is down', { about: 'web01' });
    await world.wait(1);
    await answer('ada');
    world.took();
    await world.wait(59);
    expect(world.took()).toEqual([]);
    await world.wait(2);
    expect(world.took()).toEqual(['ada dm']);
    await world.db.tx((tx) => resolvePages(tx, { about: 'web01' }, { because: 'web01 answers', by: 'holdfast', at: world.clock.now() }));
    await world.wait(60);
    expect(world.received.map(({ message }) => message.text)).toEqual(['PG1 is over: web01 answers']);
  });

  test('silenced by name, it asks nobody any more', async () => {
    world = await devices({ people: ['ada'] });
    await page('web01 is down', { about: 'web01' });
    await world.wait(1);
    world.took();
    expect(await world.db.tx((tx) => silencePages(tx, { about: 'web01' }, { because: 'pause alerts', by: 'ada', at: world.clock.now() }))).toEqual(['PG1']);
    await world.wait(120);
    expect(world.took()).toEqual([]);
  });

  test('that is passed on is with the next person at once, and with what was said', async () => {
    world = await devices({ people: ['ada', 'pepe'] });
    await page();
    await world.wait(1);
    world.took();
    await world.db.tx((tx) => passOn(tx, { page: 'PG1', by: 'ada', place, at: world.clock.now() }, { because: 'I am ill' }));
    await world.wait(0);
    expect(world.received.map(({ person }) => person)).toEqual(['pepe']);
    expect(world.received[0]?.message.card.body?.join('\n')).toContain('ada passed it on: I am ill');
    world.took();
    await world.wait(7);
    expect(world.took()).toEqual(['pepe sms', 'pepe voice']);
    expect(await world.db.query(`select person from page_people where missed <> '[]'`)).toEqual([]);
  });

  test('three pages in a row without an answer, and the next person is asked at once with her; one answer, and she is waited for again', async () => {
    world = await devices({ people: ['ada', 'pepe'] });
    for (const text of ['one', 'two', 'three']) await page(text, { urgency: 'critical' });
    await world.wait(6);
    for (const id of ['PG1', 'PG2', 'PG3']) await answer('pepe', id);
    await world.wait(0);
    world.took();
    await page('four', { to: 'service:db' });
    await world.wait(0);
    expect(world.took()).toEqual(['ada dm', 'pepe dm']);
    await answer('ada', 'PG4');
    await world.wait(0);
    world.took();
    await page('five', { to: 'service:app' });
    await world.wait(0);
    expect(world.took()).toEqual(['ada dm']);
  });
});

describe('a storm', () => {
  test('of one service is its first pages by themselves and one message with all the others; the first of another service is not among them', async () => {
    world = await devices({ people: ['ada'], channels: ['dm'] });
    for (let n = 1; n <= 40; n += 1) await page(`web ${n} down`);
    await page('db down', { to: 'service:db' });
    await world.wait(0);
    await expect.poll(() => world.received.length, { timeout: 10_000 }).toBe(5);
    const own = world.received.filter(({ message }) => !message.text.includes('pages for you')).map(({ message }) => message.text);
    expect(own.sort()).toEqual(['PG1: web 1 down', 'PG2: web 2 down', 'PG3: web 3 down', 'PG41: db down']);
    const rolled = world.received.find(({ message }) => message.text.includes('pages for you'))?.message;
    expect(rolled?.text).toMatch(/^37 pages for you: PG4 web 4 down; /);
    const [left] = await world.db.query<{ left: number }>(`select count(*)::int as left from page_attempts where state <> 'sent'`);
    expect(left).toEqual({ left: 0 });
  });

  test('whose carrying page is answered before it is sent still tells of the others', async () => {
    world = await devices({ people: ['ada'], channels: ['dm'] });
    for (let n = 1; n <= 6; n += 1) await page(`web ${n} down`);
    await world.wait(0);
    await answer('ada', 'PG4');
    await expect
      .poll(() => world.received.map(({ message }) => message.text), { timeout: 10_000 })
      .toContain('2 pages for you: PG5 web 5 down; PG6 web 6 down');
  });

  test('whose carrying message is put off by the provider goes on by the next channel for all of its pages', async () => {
    const later: Delivery = { sent: false, why: 'later', says: '429' };
    world = await devices({ people: ['ada'], channels: ['dm', 'sms'], answers: (_, channel) => (channel === 'dm' ? later : undefined) });
    for (let n = 1; n <= 6; n += 1) await page(`web ${n} down`);
    await world.wait(0);
    await expect
      .poll(() => world.db.query(`select distinct page from page_attempts where channel = 'sms' order by page`), { timeout: 20_000 })
      .toEqual(['PG1', 'PG2', 'PG3', 'PG4', 'PG5', 'PG6'].map((id) => ({ page: id })));
  });
});
