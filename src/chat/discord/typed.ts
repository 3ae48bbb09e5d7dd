import { Routes } from 'discord-api-types/v10';
import { errorId } from '../../lib/ids.ts';
import { Refusal } from '../../lib/refusal.ts';
import { ownedNow } from '../own-channels.ts';
import type { ChatWorld } from '../room.ts';
import type { Mentions } from './mentions.ts';
import type { DiscordMessenger } from './messenger.ts';
import { type Message, readMessage } from './payload.ts';
import type { Rest } from './rest.ts';
import type { Threads } from './threads.ts';

/** Lines people write: alone to the bot, or beginning with its mention. Their texts come without the privileged intent. */
export interface Typed {
  hear(payload: unknown): void;
  /** After a new session, which tells nothing of the time before it: what was written meanwhile is read. */
  catchUp(): Promise<void>;
}

/** Messages read of one channel after a gap. */
const GAP = 100;

export function openTyped(world: {
  chat: ChatWorld;
  rest: Rest;
  messenger: DiscordMessenger;
  threads: Threads;
  mentions: Mentions;
  self(): string | undefined;
}): Typed {
  const { chat, rest, messenger, threads, mentions } = world;
  /** Ids are made of time: one is before and after those of all channels. */
  let last = '0';
  const directs = new Set<string>();

  const lineOf = ({ content, guild_id }: Message): string | undefined => {
    const self = world.self();
    const named = self === undefined ? null : new RegExp(`^\\s*<@!?${self}>`).exec(content);
    if (guild_id !== undefined && !named) return undefined;
    const line = mentions.inWords(content.slice(named?.[0].length ?? 0)).trim();
    return line || (named ? 'status' : undefined);
  };
  const take = async (message: Message, text: string): Promise<void> => {
    const where = message.guild_id === undefined ? { channel: message.channel_id } : await threads.whereIs(message.channel_id);
    const actor = chat.actorOf('discord', message.author.id);
    const open = message.guild_id !== undefined && chat.isPublic('discord', where.channel);
    const place = {
      platform: 'discord' as const,
      ...where,
      user: message.author.id,
      ...(message.member && { groups: message.member.roles }),
      zone: chat.zoneOf(actor),
    };
    try {
      await chat.take({ eventId: message.id, actor, place: open ? place : { ...place, alone: true }, text });
    } catch (error) {
      const says = error instanceof Refusal ? error.message : `Something of ours failed (${log(error)}). Nothing was done.`;
      await messenger.post({ channel: message.channel_id }, { marker: `r${message.id}`, shown: { card: { title: says, tone: 'attention' } } });
    }
  };
  const log = (error: unknown): string => {
    const id = errorId();
    chat.log.error({ err: error, id }, 'a message could not be taken');
    return id;
  };
  const read = (message: Message): Promise<void> | undefined => {
    if (BigInt(message.id) > BigInt(last)) last = message.id;
    if (message.guild_id === undefined) directs.add(message.channel_id);
    if (message.author.id === world.self()) {
      if (typeof message.nonce === 'string') messenger.arrived(message.nonce, message.channel_id, message.id);
      return undefined;
    }
    if (message.author.bot || message.webhook_id !== undefined) return undefined;
    const line = lineOf(message);
    return line === undefined ? undefined : take(message, line);
  };
  return {
    hear(payload) {
      const message = readMessage(payload);
      if (!message) chat.log.warn({}, 'Discord sent a message that is none; nothing was done');
      else read(message)?.catch((error: unknown) => log(error));
    },
    async catchUp() {
      const after = last;
      if (after === '0') return;
      const bound = Object.values(chat.config().channels).flatMap(({ discord }) => (discord === undefined ? [] : [discord]));
      const own = await ownedNow(chat.db, 'discord').catch((error: unknown) => {
        chat.log.warn({ err: error }, 'which channels incidents have for themselves could not be looked up; what was written there during a gap is not read');
        return [];
      });
      for (const channel of new Set([...directs, ...bound, ...own])) {
        const missed = await rest.call<unknown[]>(Routes.channelMessages(channel), { query: { after, limit: String(GAP) } }).catch(() => []);
        const messages = missed.map((one) =>
          readMessage(directs.has(channel) ? one : { ...(one as object), guild_id: chat.config().discord?.server ?? channel }),
        );
        for (const message of messages.reverse()) if (message) await read(message);
      }
    },
  };
}
