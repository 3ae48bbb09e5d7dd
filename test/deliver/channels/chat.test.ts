import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { chatChannel } from '../../../src/deliver/channels/chat.ts';
import type { Store } from '../../../src/store/db.ts';
import { openDb } from '../../../src/store/open.ts';
import { atSlack } from '../../chat/slack/at-slack.ts';
import { type FakeDiscord, fakeDiscord } from '../../fake/discord/open.ts';
import { roomOn } from '../../fake/discord/room.ts';
import type { Fault } from '../../fake/slack/faults.ts';
import { kept } from '../../store/quiet.ts';
import { messageOf, putPage, rowsOf, sending } from '../some-pages.ts';
import { allProviders } from './all-providers.ts';

let db: Store;
beforeAll(async () => {
  db = await openDb({ memory: true, log: kept() });
});
afterAll(() => db.close());
beforeEach(() => db.query('delete from pages'));

const PATIENT = { timeout: 15_000 };

describe('on Slack', () => {
  async function slacked() {
    const { slack, room } = await atSlack();
    const { ada, channels, ntfy } = await allProviders();
    const id = [...slack.workspace.users.values()].find(({ name }) => name === 'ada')?.id as string;
    return { slack, ntfy, person: { ...ada, slack: id }, channel: chatChannel('slack', room.messenger, 2_000), push: channels.ntfy };
  }

  test('a page is a direct message of its own, with the four ways to answer it', async () => {
    const { slack, channel, person } = await slacked();
    expect(await channel.send(person, messageOf('PG1', 1))).toMatchObject({ sent: true });
    const [message] = slack.dms('ada');
    expect(message?.text).toContain('PG1: db down');
    const said = JSON.stringify(message);
    for (const label of ['Ack', 'Pass', 'Take', 'Look']) expect(said).toContain(`"${label}"`);
    expect(slack.violations).toEqual([]);
  });

  test.each<[string, Fault, boolean]>([
    ['channel_not_found', { kind: 'error', error: 'channel_not_found' }, false],
    ['a storm of 429', { kind: 'ratelimited', retryAfter: 600 }, false],
    ['a 5xx', { kind: 'status', status: 500 }, false],
    ['an answer that does not come', { kind: 'hang' }, false],
    ['a connection that breaks after it was taken', { kind: 'drop', taken: true }, true],
  ])('%s: her next channel at once, and no second message for one that arrived', async (_, fault, arrived) => {
    const { slack, ntfy, channel, push, person } = await slacked();
    slack.faults.add('chat.postMessage', fault, { times: arrived ? 1 : 50 });
    await putPage(db, 'PG1', [{ channel: 'slack' }]);
    await sending(db, [channel, push], [person]);
    await expect.poll(() => ntfy.phone, PATIENT).toHaveLength(1);
    if (!arrived) return expect(slack.dms('ada')).toEqual([]);
    await expect.poll(async () => (await rowsOf(db))[0]?.state, PATIENT).toBe('sent');
    expect(slack.dms('ada')).toHaveLength(1);
  });
});

describe('on Discord', () => {
  let discord: FakeDiscord;
  beforeEach(async () => {
    discord = await fakeDiscord();
    return () => discord.close();
  });

  async function met() {
    const ops = discord.channel('ops');
    const account = discord.person('ada');
    const room = await roomOn(discord, db, { bound: [ops.id] });
    await discord.until(() => room.connections.all().some(({ name, ok }) => name === 'discord commands' && ok));
    const { ada, channels, ntfy } = await allProviders();
    return { ntfy, account, person: { ...ada, discord: account.id }, channel: chatChannel('discord', room.messenger, 2_000), push: channels.ntfy };
  }

  test('a page is a direct message of its own that rings her and nobody else', async () => {
    const { account, channel, person } = await met();
    expect(await channel.send(person, messageOf('PG1', 1, 'PG1: @everyone look'))).toMatchObject({ sent: true });
    expect(discord.told(account.id)).toHaveLength(1);
  });

  test('closed direct messages: her next channel at once', async () => {
    const { ntfy, account, channel, push, person } = await met();
    discord.fails(/^POST \/channels\/\d+\/messages/, { is: 'refuse', status: 403, code: 50007, message: 'Cannot send messages to this user' });
    await putPage(db, 'PG1', [{ channel: 'discord' }]);
    await sending(db, [channel, push], [person]);
    await expect.poll(() => ntfy.phone, PATIENT).toHaveLength(1);
    expect(discord.told(account.id)).toEqual([]);
    expect((await rowsOf(db))[0]).toMatchObject({ channel: 'discord', state: 'failed' });
  });

  test('a 429 waits as long as it says, and not for ever', async () => {
    const { account, channel, push, person } = await met();
    discord.fails(/^POST \/channels\/\d+\/messages/, { is: 'rate limit', seconds: 2 });
    await putPage(db, 'PG1', [{ channel: 'discord' }]);
    await sending(db, [channel, push], [person]);
    await expect.poll(() => discord.told(account.id).length, PATIENT).toBe(1);
  });
});
