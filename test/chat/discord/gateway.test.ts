import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../../src/store/db.ts';
import { openDb } from '../../../src/store/open.ts';
import { type FakeDiscord, fakeDiscord } from '../../fake/discord/open.ts';
import { QUICK, roomOn } from '../../fake/discord/room.ts';
import { kept } from '../../store/quiet.ts';

let db: Store;
let discord: FakeDiscord;
beforeAll(async () => {
  db = await openDb({ memory: true, log: kept() });
  return () => db.close();
});
beforeEach(async () => {
  await db.query('delete from inbox');
  discord = await fakeDiscord();
  return () => discord.close();
});

async function server(options: Parameters<typeof roomOn>[2] = {}) {
  const ops = discord.channel('ops');
  const ada = discord.person('ada');
  const room = await roomOn(discord, db, { bound: [ops.id], people: { [ada.id]: 'ada' }, ...options });
  await discord.until(() => room.connections.all().some(({ name, ok }) => name === 'discord commands' && ok));
  const says = (): string => room.connections.all().find(({ name }) => name === 'discord gateway')?.says ?? '';
  /** A command typed now is taken, answered, and there once. */
  const works = async (): Promise<void> => {
    const asked = discord.types(ada.id, ops.id, '/ops status');
    expect(await discord.acked(asked)).toMatchObject({ type: 4 });
    expect((await room.inbox()).filter(({ event_id }) => event_id === asked.id)).toMatchObject([{ text: 'status', actor: 'ada' }]);
  };
  const heard = (op: number): number => discord.gateway.heard[op] ?? 0;
  return { ops, ada, room, says, works, heard };
}

const RESUME = 6;
const IDENTIFY = 2;

/** Wall ms; on a machine of its own it takes a tenth of a second. */
const SOON = 10_000;

describe('the connection ends, and what was typed meanwhile', () => {
  test.each([
    ['TCP breaks', () => discord.gateway.drop()],
    ['Discord asks for another connection (op 7)', () => discord.gateway.askReconnect()],
    ['it is closed with 1001', () => discord.gateway.shut(1001)],
    ['the session timed out (4009)', () => discord.gateway.shut(4009)],
    ['the session has to be resumed (op 9 true)', () => discord.gateway.invalidate(true)],
  ] as [string, () => void][])('%s: the session is taken up again, and nothing of it is lost or done twice', async (_name, spoil) => {
    const { ops, ada, room, works, heard } = await server();
    await works();
    spoil();
    // Sent while nobody listens: Discord keeps it for the RESUME, and the 3 s of its asker run.
    const missed = discord.types(ada.id, ops.id, '/ops check', { target: '@web' });
    expect(await discord.acked(missed)).toMatchObject({ type: 4 });
    expect((await room.inbox()).map(({ text }) => text)).toEqual(['status', 'check @web']);
    // A socket that is asked to go may still bring the line before it does.
    await discord.until(() => heard(RESUME) > 0);
    expect(await room.connectedAgain(SOON)).toBeLessThan(SOON);
    expect(heard(RESUME)).toBe(1);
    expect(heard(IDENTIFY)).toBe(1);
    await works();
  });

  test.each([
    ['it is closed with 1000', () => discord.gateway.shut(1000)],
    ['the session is no more (op 9 false)', () => discord.gateway.invalidate(false)],
  ] as [string, () => void][])('%s: a new session, and lines written meanwhile to the bot are read', async (_name, spoil) => {
    const { ops, ada, room, works, heard } = await server();
    const direct = discord.direct(ada.id);
    const [own, old] = [discord.channel('inc-1-the-shop-is-slow'), discord.channel('inc-2-long-over')];
    await db.query(
      `insert into cards (thing_kind, thing_id, platform, channel, place, opened, pin) values ('incident', 'INC-1', 'discord', $1, '{}', $2, true), ('incident', 'INC-2', 'discord', $1, '{}', $3, false)`,
      [ops.id, own.id, old.id],
    );
    discord.says(ada.id, direct.id, 'status');
    await works();
    spoil();
    await discord.until(() => !discord.gateway.ready());
    const alone = discord.says(ada.id, direct.id, 'check @db');
    const named = discord.says(ada.id, ops.id, `<@${discord.state.bot}> check @web`);
    discord.says(ada.id, ops.id, 'what others talk about');
    const there = discord.says(ada.id, own.id, `<@${discord.state.bot}> check @lab`);
    await room.connectedAgain(SOON);
    await discord.until(() => discord.requests(/^GET \/channels\/\d+\/messages/).length >= 3);
    await works();
    expect(heard(IDENTIFY)).toBe(2);
    const lines = await room.inbox();
    const read = lines.filter(({ event_id }) => [alone.id, named.id, there.id].includes(event_id)).map(({ text }) => text);
    expect(read).toEqual(['check @db', 'check @web', 'check @lab']);
    expect(lines.map(({ text }) => text).sort()).toEqual(['check @db', 'check @lab', 'check @web', 'status', 'status', 'status']);
    expect(discord.requests(new RegExp(`^GET /channels/${old.id}/messages`))).toEqual([]);
    await db.query('delete from cards');
  });

  test('a RESUME that is never answered is given up for a new session', async () => {
    const { room, works, heard } = await server();
    discord.gateway.ignoreResume = true;
    discord.gateway.drop();
    await discord.until(() => heard(RESUME) === 1);
    const took = await room.connectedAgain(QUICK.connect + SOON);
    expect(took).toBeGreaterThan(QUICK.connect / 2);
    expect(heard(IDENTIFY)).toBe(2);
    await works();
  });

  test('a RESUME on a living socket that is never answered, too', async () => {
    const { room, works, heard } = await server();
    discord.gateway.ignoreResume = true;
    discord.gateway.invalidate(true);
    await discord.until(() => heard(RESUME) === 1);
    await discord.until(() => heard(IDENTIFY) === 2, QUICK.connect + SOON);
    await room.connectedAgain(SOON);
    await works();
  });

  test.each([
    ['nothing comes through any more and nobody says so', () => discord.gateway.blackHole()],
    ['heartbeats are not answered any more', () => (discord.gateway.mute = true)],
  ] as [string, () => void][])('%s: one round trip finds it, and the session is taken up again on another socket', async (_name, spoil) => {
    const { ops, ada, room, works, heard } = await server();
    await works();
    spoil();
    const missed = discord.types(ada.id, ops.id, '/ops check', { target: '@web' });
    await discord.until(() => heard(RESUME) === 1, QUICK.roundTrip + QUICK.answer + SOON);
    discord.gateway.mute = false;
    // Its asker's 3 s may be over by then: they read that it failed, and it is taken all the same.
    await discord.until(() => discord.requests(new RegExp(`${missed.id}.*callback`)).length > 0);
    await room.connectedAgain(SOON);
    expect((await room.inbox()).map(({ text }) => text)).toEqual(['status', 'check @web']);
    await works();
  });

  test('while Discord is away it is asked ever more slowly; when it is back, the session is taken up where it was', async () => {
    const { ops, ada, room, heard, says } = await server();
    discord.gateway.refuse = true;
    discord.gateway.drop();
    await discord.until(() => room.log.said.filter(({ message }) => message.startsWith('the connection to Discord ended')).length >= 4);
    expect(says()).toContain('connecting again where it was');
    const missed = discord.types(ada.id, ops.id, '/ops status');
    discord.gateway.refuse = false;
    expect(await discord.acked(missed)).toMatchObject({ type: 4 });
    expect(heard(RESUME)).toBe(1);
    expect(room.gaveUp).toEqual([]);
    const waits = room.log.said.filter(({ message }) => message.startsWith('the connection to Discord ended')).map(({ fields }) => fields['wait'] as number);
    expect(waits[0]).toBe(0);
    expect(waits[3]).toBeGreaterThan(waits[1] as number);
  });
});

describe('what no connecting again mends', () => {
  test.each([4004, 4010, 4011, 4012, 4013, 4014])('%i is said, and the process ends for its supervisor', async (code) => {
    const { room } = await server();
    discord.gateway.shut(code);
    await discord.until(() => room.gaveUp.length > 0);
    expect(room.gaveUp).toEqual([expect.stringContaining(`(${code})`)]);
    expect(room.connections.all().find(({ name }) => name === 'discord gateway')).toMatchObject({ ok: false, says: expect.stringContaining(`(${code})`) });
    expect(discord.gateway.heard[IDENTIFY]).toBe(1);
  });

  test.each([
    ['a token that is refused', { token: 'of.another.bot' }, 'Discord refuses the token of the bot (401)'],
    ['an intent that is refused', {}, 'Discord refuses an intent (4014)'],
  ])('at the start, %s is said with what to do, and the rest of Holdfast starts without Discord: it also pages by other ways', async (_, entry, says) => {
    if (says.includes('4014')) discord.gateway.closeIdentify = 4014;
    const room = await roomOn(discord, db, entry);
    expect(room.connections.all().find(({ name }) => name === 'discord gateway')).toMatchObject({ ok: false, says: expect.stringContaining(says) });
    expect(room.log.said.map(({ message }) => message)).toContainEqual(expect.stringContaining(`Holdfast starts without Discord. ${says}`));
    expect(room.gaveUp).toEqual([]);
    await room.close();
  });

  test('a Discord that cannot be reached does not keep Holdfast from starting; it is connected to when it can', async () => {
    discord.gateway.refuse = true;
    const { room, works } = await (async () => {
      const ops = discord.channel('ops');
      const ada = discord.person('ada');
      const room = await roomOn(discord, db, { bound: [ops.id], people: { [ada.id]: 'ada' }, patience: { start: 200 } });
      const works = async () => expect(await discord.acked(discord.types(ada.id, ops.id, '/ops status'))).toMatchObject({ type: 4 });
      return { room, works };
    })();
    expect(room.connections.all().find(({ name }) => name === 'discord gateway')).toMatchObject({ ok: false });
    discord.gateway.refuse = false;
    await discord.until(() => room.connections.all().some(({ name, ok }) => name === 'discord commands' && ok));
    await works();
  });
});

describe('what comes over the wire', () => {
  test('an event delivered twice is one line and one answer', async () => {
    const { ops, ada, room } = await server();
    discord.gateway.twice = true;
    const asked = discord.types(ada.id, ops.id, '/ops status');
    const said = discord.says(ada.id, discord.direct(ada.id).id, 'status');
    await discord.acked(asked);
    await discord.until(() => discord.requests(/callback/).length === 2);
    expect(
      discord
        .requests(/callback/)
        .map(({ status }) => status)
        .sort(),
    ).toEqual([204, 400]);
    expect(discord.shows(ops.id)).toEqual(['`/ops status`']);
    expect((await room.inbox()).map(({ event_id }) => event_id).sort()).toEqual([asked.id, said.id].sort());
  });

  test('what is malformed does nothing, and the process goes on', async () => {
    const { room, works } = await server();
    const token = 'x';
    for (const bad of [
      null,
      'text',
      {},
      { id: 1, type: 2, token },
      { id: '123456789012345678', application_id: '123456789012345678', type: 2, token, channel_id: '123456789012345678' },
      {
        id: '123456789012345678',
        application_id: '123456789012345678',
        type: 2,
        token,
        channel_id: '123456789012345678',
        data: { name: 'ops', options: [{ name: 7 }] },
      },
      { id: '123456789012345678', application_id: '123456789012345678', type: 3, token, channel_id: '123456789012345678', data: { custom_id: 'x' } },
      { id: '123456789012345678', application_id: '123456789012345678', type: 99, token, channel_id: '123456789012345678', data: {} },
    ])
      discord.gateway.dispatch('INTERACTION_CREATE', bad);
    for (const bad of [null, [], { id: 'x' }, { id: '123456789012345678', channel_id: '123456789012345678', author: null }])
      discord.gateway.dispatch('MESSAGE_CREATE', bad);
    for (const bad of [null, { threads: [null, {}, { id: 3 }] }, { id: {} }])
      for (const type of ['GUILD_CREATE', 'THREAD_CREATE', 'GUILD_DELETE']) discord.gateway.dispatch(type, bad);
    await works();
    expect((await room.inbox()).length).toBe(1);
    expect(room.log.said.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('an acknowledgement that came too late loses nothing: the line is taken, and its answer comes', async () => {
    const { ops, ada, room, works } = await server();
    discord.fails(/callback/, { is: 'late' });
    const asked = discord.types(ada.id, ops.id, '/ops check', { target: '@web' });
    await discord.until(() => discord.requests(/callback/).some(({ status }) => status === 404));
    expect(await room.line(asked.id)).toMatchObject({ text: 'check @web' });
    expect(asked.ack).toBeUndefined();
    await works();
  });

  test.each([
    ['a 503', { is: 'server error' as const }],
    ['a 503 after it was taken', { is: 'server error' as const, after: true }],
    ['a broken connection', { is: 'drop' as const }],
    ['a broken connection after it was taken', { is: 'drop' as const, after: true }],
  ])('%s in the middle of an acknowledgement is tried again within its 3 s, and shown once', async (_name, how) => {
    const { ops, ada } = await server();
    discord.fails(/callback/, how);
    const asked = discord.types(ada.id, ops.id, '/ops status');
    expect((await discord.acked(asked)).within).toBeLessThan(3000);
    await discord.until(() => discord.requests(/callback/).length === 2);
    expect(discord.shows(ops.id)).toEqual(['`/ops status`']);
  });

  test('being taken off the server is said, and being back, too', async () => {
    const { room } = await server();
    const there = () => room.connections.all().find(({ name }) => name === 'discord server');
    discord.gateway.dispatch('GUILD_DELETE', { id: discord.server });
    await discord.until(() => there()?.ok === false);
    expect(there()?.says).toContain('invite it again');
  });
});
