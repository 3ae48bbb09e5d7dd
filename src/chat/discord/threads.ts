import { ChannelType, Routes } from 'discord-api-types/v10';
import { readThreads } from './payload.ts';
import type { Rest } from './rest.ts';

/** Where something stands: on Discord a thread is a channel of its own, and its parent is what is bound to targets and news. */
export interface Where {
  channel: string;
  thread?: string;
}

export interface Threads {
  heard(type: string, payload: unknown): void;
  /** Of a message, which does not say whether its channel is a thread: known from events, else asked once. */
  whereIs(channel: string): Promise<Where>;
}

const THREADS = new Set<number>([ChannelType.PublicThread, ChannelType.PrivateThread, ChannelType.AnnouncementThread]);
const EVENTS = new Set(['GUILD_CREATE', 'THREAD_CREATE', 'THREAD_UPDATE', 'THREAD_LIST_SYNC']);
const MOST = 5000;

export function knownThreads(rest: Rest): Threads {
  /** Channel → its parent, null for what is no thread. */
  const parents = new Map<string, string | null>();
  const learn = (id: string, parent: string | null): void => {
    parents.set(id, parent);
    if (parents.size > MOST) parents.delete(parents.keys().next().value as string);
  };
  return {
    heard(type, payload) {
      if (EVENTS.has(type)) for (const { id, parent } of readThreads(type, payload)) learn(id, parent);
    },
    async whereIs(channel) {
      if (!parents.has(channel)) {
        const found = await rest.call<{ type: number; parent_id?: string | null }>(Routes.channel(channel)).catch(() => undefined);
        if (found) learn(channel, THREADS.has(found.type) ? (found.parent_id ?? null) : null);
      }
      const parent = parents.get(channel);
      return parent ? { channel: parent, thread: channel } : { channel };
    },
  };
}

/** Of an interaction, which brings its channel along. */
export const placeOf = (id: string, channel?: { type: number; parent_id?: string | null | undefined }): Where =>
  channel && THREADS.has(channel.type) && channel.parent_id ? { channel: channel.parent_id, thread: id } : { channel: id };
