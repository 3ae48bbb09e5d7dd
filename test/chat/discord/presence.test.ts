import { beforeEach, expect, test } from 'vitest';
import { examineChats } from '../../../src/chat/examine.ts';
import { openPresence } from '../../../src/chat/presence.ts';
import { type Config, ConfigSchema } from '../../../src/config/schema.ts';
import { type FakeDiscord, fakeDiscord } from '../../fake/discord/open.ts';
import { quietLog } from '../../quiet-log.ts';

let discord: FakeDiscord;
beforeEach(async () => {
  discord = await fakeDiscord();
  return () => discord.close();
});

type Look = { unheard: string | undefined; doctor: { ok: boolean; says: string } | undefined };

const look = async (prepare: (channel: ReturnType<FakeDiscord['channel']>) => void): Promise<Look> => {
  const channel = discord.channel('ops');
  prepare(channel);
  const config: Config = ConfigSchema.parse({
    discord: { token: discord.token, server: discord.server, api_url: discord.url },
    channels: { ops: { discord: channel.id } },
  });
  const presence = openPresence({ config: () => config, log: quietLog });
  const unheard = await presence.unheard({ platform: 'discord', channel: channel.id, zone: 'UTC' });
  const examined = await examineChats({ config: () => config, people: () => [], commands: () => [], connections: { all: () => [] } as never }, presence);
  const found = examined.find(({ says }) => says.includes('channel'));
  return { unheard, doctor: found && { ok: found.ok, says: found.says.replaceAll(channel.id, 'ID') } };
};

test('a channel where it may everything: heard, and well', async () => {
  expect(await look(() => {})).toEqual({ unheard: undefined, doctor: { ok: true, says: 'it is in the channel ops' } });
});

test('one where it may neither pin nor begin threads: heard all the same, and doctor says what is missing', async () => {
  const says =
    'channel ops: In <#ID> I lack Create Public Threads, Pin Messages: the updates of an incident stand in the channel itself; the card of an incident is not pinned.';
  expect(
    await look((channel) => {
      channel.bare = true;
    }),
  ).toEqual({ unheard: undefined, doctor: { ok: false, says } });
});

test.each([
  ['permission', 'In <#ID> I lack Send Messages. Channel settings, Permissions: give them to my role.'],
  [
    'access',
    'I cannot see this channel (<#ID>). Channel settings, Permissions: add my role with View Channel; or the invitation again: npx holdfast manifest discord.',
  ],
] as const)('one where it is not heard (%s): nothing is begun, and doctor says what to give it', async (shut, says) => {
  const { unheard, doctor } = await look((channel) => {
    channel.shut = shut;
  });
  expect(unheard?.replace(/\d{17,}/, 'ID')).toBe(`${says} Nothing was begun.`);
  expect(doctor).toEqual({ ok: false, says: `channel ops: ${says}` });
});
