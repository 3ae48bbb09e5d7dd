import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Sent } from '../../../src/deliver/messenger.ts';
import type { Store } from '../../../src/store/db.ts';
import { openDb } from '../../../src/store/open.ts';
import type { How } from '../../fake/discord/faults.ts';
import { type FakeDiscord, fakeDiscord } from '../../fake/discord/open.ts';
import { roomOn } from '../../fake/discord/room.ts';
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

async function server() {
  const ops = discord.channel('ops');
  const ada = discord.person('ada');
  const room = await roomOn(discord, db, { bound: [ops.id] });
  await discord.until(() => room.connections.all().some(({ name, ok }) => name === 'discord commands' && ok));
  return { ops, ada, room, messenger: room.messenger };
}

const say = (title: string) => ({ card: { title } });
const POST = /^POST \/channels\/\d+\/messages/;

describe('one call is one try', () => {
  test('a message posted, edited and posted again under its marker is one message', async () => {
    const { ops, messenger } = await server();
    const sent = await messenger.post({ channel: ops.id }, { marker: 'm1', shown: say('R1 began') });
    expect(sent).toMatchObject({ sent: true, channel: ops.id });
    expect(await messenger.post({ channel: ops.id }, { marker: 'm1', shown: say('R1 began') })).toEqual(sent);
    const id = sent.sent ? sent.id : '';
    expect(await messenger.edit({ channel: ops.id }, id, { marker: 'm1', shown: say('R1 is done') })).toMatchObject({ sent: true, id });
    expect(discord.shows(ops.id)).toEqual(['R1 is done\nm1']);
  });

  test('whom it is for, it rings; whoever is only named in a text, it does not', async () => {
    const { ops, ada, messenger } = await server();
    await messenger.post({ channel: ops.id }, { marker: 'm1', shown: say(`@everyone <@${ada.id}> look`) });
    await messenger.post({ channel: ops.id }, { marker: 'm2', shown: say('PG1 is for you'), mentions: [ada.id] });
    expect(discord.messages(ops.id).map(({ pinged }) => pinged)).toEqual([[], [ada.id]]);
  });

  test('a direct message opens its channel once', async () => {
    const { ada, messenger } = await server();
    expect(await messenger.post({ person: ada.id }, { marker: 'm1', shown: say('R1 waits for you') })).toMatchObject({ sent: true });
    await messenger.post({ person: ada.id }, { marker: 'm2', shown: say('R2 waits for you') });
    expect(discord.told(ada.id).map(({ content }) => content)).toEqual(['R1 waits for you', 'R2 waits for you']);
    expect(discord.requests(/^POST \/users\/@me\/channels/).length).toBe(1);
  });

  test('files of an earlier showing go when it is edited', async () => {
    const { ops, messenger } = await server();
    const whole = { card: { title: 'web01 said', attachment: { name: 'check of web01.txt', text: 'all of it' } } };
    const sent = await messenger.post({ channel: ops.id }, { marker: 'm1', shown: whole });
    expect(discord.messages(ops.id)[0]?.attachments).toMatchObject([{ filename: 'check-of-web01.txt', text: 'all of it' }]);
    await messenger.edit({ channel: ops.id }, sent.sent ? sent.id : '', { marker: 'm1', shown: say('web01 is well') });
    expect(discord.messages(ops.id)[0]?.attachments).toEqual([]);
  });
});

describe('what Discord says when it does not take it', () => {
  const cases: [string, How, Partial<Sent>][] = [
    ['429', { is: 'rate limit', seconds: 2 }, { sent: false, why: 'later', scope: 'channel' }],
    ['a 429 for everything', { is: 'rate limit', seconds: 2, global: true }, { sent: false, why: 'later', scope: 'workspace' }],
    ['a 503', { is: 'server error' }, { sent: false, why: 'unsure' }],
    ['a broken connection', { is: 'drop' }, { sent: false, why: 'unsure' }],
    ['silence', { is: 'hang' }, { sent: false, why: 'unsure' }],
    [
      'no access',
      { is: 'refuse', status: 403, code: 50001, message: 'Missing Access' },
      { sent: false, why: 'no', says: expect.stringContaining('View Channel'), gone: true },
    ],
    [
      'no permission',
      { is: 'refuse', status: 403, code: 50013, message: 'x' },
      { sent: false, why: 'no', says: expect.stringContaining('Send Messages in Threads'), gone: true },
    ],
    [
      'a channel that is gone',
      { is: 'refuse', status: 404, code: 10003, message: 'x' },
      { sent: false, why: 'no', says: expect.stringContaining('Bind another one'), gone: true },
    ],
  ];
  test.each(cases)('%s: one try, and its meaning', async (_name, how, expected) => {
    const { ops, messenger } = await server();
    discord.fails(POST, how);
    const sent = await messenger.post({ channel: ops.id }, { marker: 'm1', shown: say('R1 began') });
    expect(sent).toMatchObject(expected);
    expect(discord.requests(POST).length).toBe(1);
    expect(discord.messages(ops.id)).toEqual([]);
    // From now on, not a moment: whoever sends adds it to its own clock.
    if (!sent.sent && sent.why === 'later') expect(sent.after).toSatisfy((after: number) => after >= 1900 && after < 10_000);
  });

  test('while one channel hangs or has to wait, others are written to', async () => {
    const { ops, ada, messenger } = await server();
    discord.fails(new RegExp(`POST /channels/${ops.id}/messages`), { is: 'hang' });
    const hanging = messenger.post({ channel: ops.id }, { marker: 'm1', shown: say('a') });
    expect(await messenger.post({ person: ada.id }, { marker: 'm2', shown: say('b') })).toMatchObject({ sent: true });
    expect(await hanging).toMatchObject({ sent: false, why: 'unsure' });
    discord.fails(new RegExp(`POST /channels/${ops.id}/messages`), { is: 'rate limit', seconds: 30 });
    expect(await messenger.post({ channel: ops.id }, { marker: 'm1', shown: say('a') })).toMatchObject({ why: 'later' });
    expect(await messenger.post({ person: ada.id }, { marker: 'm3', shown: say('c') })).toMatchObject({ sent: true });
  });

  test('a person who takes no direct messages is a no with what they can do', async () => {
    const { ada, messenger } = await server();
    ada.closed = true;
    expect(await messenger.post({ person: ada.id }, { marker: 'm1', shown: say('x') })).toMatchObject({
      why: 'no',
      says: expect.stringContaining('Privacy Settings'),
    });
  });

  test('a message that is gone cannot be edited, and the sender is told so', async () => {
    const { ops, messenger } = await server();
    expect(await messenger.edit({ channel: ops.id }, '1234567890123456789', { marker: 'm1', shown: say('x') })).toMatchObject({
      sent: false,
      why: 'no',
      says: 'The message is gone.',
    });
  });
});

describe('posted, and the answer never came', () => {
  test.each([
    ['drop', { is: 'drop', after: true }],
    ['503', { is: 'server error', after: true }],
    ['hang', { is: 'hang', after: true }],
  ] as [string, How][])('%s: found by its marker, and a second try shows nothing twice', async (_name, how) => {
    const { ops, messenger } = await server();
    discord.fails(POST, how);
    expect(await messenger.post({ channel: ops.id }, { marker: 'm1', shown: say('R1 began') })).toMatchObject({ why: 'unsure' });
    const [there] = discord.messages(ops.id);
    expect(await messenger.find({ channel: ops.id }, 'm1')).toBe(there?.id);
    expect(await messenger.post({ channel: ops.id }, { marker: 'm1', shown: say('R1 began') })).toMatchObject({ sent: true, id: there?.id });
    expect(discord.shows(ops.id)).toEqual(['R1 began\nm1']);
  });

  test('hours later, in another process, among the talk of others it is still found; what was never posted is certainly not there', async () => {
    const { ops, ada, messenger, room } = await server();
    discord.fails(POST, { is: 'drop', after: true });
    await messenger.post({ channel: ops.id }, { marker: 'm1', shown: say('R1 began') });
    const [there] = discord.messages(ops.id);
    await room.close();
    for (let n = 0; n < 250; n++) discord.says(ada.id, ops.id, 'talk');
    discord.state.pass(3 * 3600_000);
    const { messenger: next } = await roomOn(discord, db);
    expect(await next.find({ channel: ops.id }, 'm1')).toBe(there?.id);
    expect(await next.find({ channel: ops.id }, 'm2')).toBeUndefined();
  });

  test('when Discord does not answer the look-up nobody can tell', async () => {
    const { ops, messenger } = await server();
    discord.fails(/^GET \/channels\/\d+\/messages/, { is: 'server error' });
    expect(await messenger.find({ channel: ops.id }, 'm1')).toBe('unsure');
  });
});

describe('the answer for its asker alone', () => {
  async function asked() {
    const made = await server();
    const side = discord.channel('side');
    const check = discord.types(made.ada.id, side.id, '/ops status');
    await discord.acked(check);
    return { ...made, side, check, by: await made.room.reply(check.id) };
  }

  test('given twice it is there once', async () => {
    const { by, side, ada, messenger } = await asked();
    discord.fails(/^PATCH \/webhooks/, { is: 'drop', after: true });
    expect(await messenger.post({ reply: by }, { marker: 'm1', shown: say('1 of 24 needs you') })).toMatchObject({ why: 'unsure' });
    expect(await messenger.find({ reply: by }, 'm1')).toBeUndefined();
    expect(await messenger.post({ reply: by }, { marker: 'm1', shown: say('1 of 24 needs you') })).toMatchObject({ sent: true });
    expect(discord.shows(side.id, ada.id)).toEqual(['1 of 24 needs you\nm1']);
  });

  test('after a quarter of an hour it is a no, so that it goes another way', async () => {
    const { by, messenger } = await asked();
    discord.state.pass(15 * 60_000 + 1);
    expect(await messenger.post({ reply: by }, { marker: 'm1', shown: say('x') })).toMatchObject({ why: 'no', says: expect.stringContaining('is over') });
  });
});

describe('a 401', () => {
  test('that was a slip of Discord costs one call and not the token', async () => {
    const { ops, messenger, room } = await server();
    discord.fails(POST, { is: 'refuse', status: 401, code: 0, message: '401: Unauthorized' });
    expect(await messenger.post({ channel: ops.id }, { marker: 'm1', shown: say('a') })).toMatchObject({ why: 'later', scope: 'workspace' });
    expect(await messenger.post({ channel: ops.id }, { marker: 'm1', shown: say('a') })).toMatchObject({ sent: true });
    expect(room.gaveUp).toEqual([]);
  });

  test('that Discord means ends the process for its supervisor, with what to do', async () => {
    const { ops, messenger, room } = await server();
    discord.fails(POST, { is: 'refuse', status: 401, code: 0, message: '401: Unauthorized' });
    discord.fails(/^GET \/users\/@me$/, { is: 'refuse', status: 401, code: 0, message: '401: Unauthorized' });
    await messenger.post({ channel: ops.id }, { marker: 'm1', shown: say('a') });
    expect(room.gaveUp).toEqual([expect.stringContaining('refuses the token of the bot (401)')]);
    expect(room.connections.all().find(({ name }) => name === 'discord gateway')).toMatchObject({ ok: false });
  });
});
