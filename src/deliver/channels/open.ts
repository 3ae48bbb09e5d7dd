import type { Config } from '../../config/schema.ts';
import type { Db } from '../../store/db.ts';
import { CHANNELS, type Channel } from '../channel.ts';
import type { Messengers } from '../messengers.ts';
import { reachedBy } from '../reaches.ts';
import { chatChannel } from './chat.ts';
import { emailChannel } from './email.ts';
import { ntfyChannel } from './ntfy.ts';
import { printedChannel } from './printed.ts';
import { smsChannel } from './sms.ts';
import { voiceChannel } from './voice.ts';
import { webhookChannel } from './webhook.ts';

/** Wall ms a call to a provider has. */
const CALL = 10_000;
const RING = 15_000;

export interface ChannelsWorld {
  config(): Config;
  db: Db;
  messengers: Pick<Messengers, 'of'>;
  now(): number;
  /** The sandbox's own terminal, which plays every device. */
  home?: string;
  /** Wall ms of one call, where a test cannot wait. */
  timeout?: number;
}

/** The channels this process can send by at this moment, as things are configured. Those of chat platforms come and go with their connections. */
export function openChannels(world: ChannelsWorld): () => readonly Channel[] {
  const { config, home, messengers, timeout } = world;
  const reaches = (name: Channel['name']) => (person: Parameters<Channel['reaches']>[0]) => reachedBy(config(), home !== undefined)(person).includes(name);
  if (home !== undefined) {
    const played = CHANNELS.map((name) => printedChannel(name, { db: world.db, now: world.now, home, reaches: reaches(name) }));
    return () => played;
  }
  const lasting = providerChannels(config, timeout);
  return () => [
    ...lasting,
    ...(['slack', 'discord'] as const).flatMap((platform) => {
      const messenger = messengers.of(platform);
      return messenger ? [chatChannel(platform, messenger, timeout ?? CALL)] : [];
    }),
  ];
}

/** The channels that need a provider only: also those of a watchdog, which has no chat. */
export function providerChannels(config: () => Pick<Config, 'providers' | 'name'>, timeout?: number): Channel[] {
  const providers = () => config().providers;
  const call = timeout ?? CALL;
  return [
    ntfyChannel(providers, call),
    emailChannel(config, call),
    smsChannel(providers, call),
    voiceChannel(providers, timeout ?? RING),
    webhookChannel(providers, call),
  ];
}
