import { DiscordAPIError } from '@discordjs/rest';
import { RESTJSONErrorCodes, Routes } from 'discord-api-types/v10';
import type { Destination, Messenger, Outgoing, Sent } from '../../deliver/messenger.ts';
import { draw } from './embed.ts';
import type { KeptLines } from './kept-lines.ts';
import { cut } from './markdown.ts';
import { openBeside } from './open-beside.ts';
import { type Rest, troubleOf } from './rest.ts';

/** By what an asker alone is answered; lies in the inbox beside the line. */
export interface ReplyBy {
  application: string;
  token: string;
}

export interface DiscordMessenger extends Messenger {
  /** A message of ours that Discord told of: where its marker stands is known without asking. */
  arrived(marker: string, channel: string, id: string): void;
}

interface Posted {
  id: string;
  channel_id: string;
  author?: { id: string };
  embeds?: { footer?: { text?: string } }[];
}

const PAGE = 100;
/** Messages looked through for one of ours before nobody can tell. */
const PAGES = 10;
const REMEMBERED = 1000;
/** Errors that are about the channel, whatever is posted there. */
const GONE = new Set<number>([RESTJSONErrorCodes.UnknownChannel, RESTJSONErrorCodes.MissingAccess, RESTJSONErrorCodes.MissingPermissions]);
/** Discord: characters of a thread's name. */
const THREAD_NAME = 100;

/**
 * Discord as the sender sees it. The marker is the nonce of the message, by which Discord refuses a second one for some minutes, and stands
 * at the foot of its embed, where it is found for as long as the message stands.
 */
export function openMessenger(world: { rest: Rest; keep: KeptLines; self(): string | undefined }): DiscordMessenger {
  const { rest, keep } = world;
  const directs = new Map<string, string>();
  const seen = new Map<string, string>();

  /** Threads that are there, as far as this process saw. */
  const begun = new Set<string>();

  /** A thread under a message has the id of that message; one that is there already is as well as begun. False where the bot may not begin any. */
  const beginThread = async (channel: string, message: string, name: string): Promise<boolean> => {
    if (begun.has(message)) return true;
    try {
      await rest.call(Routes.threads(channel, message), { method: 'POST', body: { name: cut(name, THREAD_NAME) || 'updates', auto_archive_duration: 10_080 } });
    } catch (error) {
      if (!(error instanceof DiscordAPIError)) throw error;
      if (error.code === RESTJSONErrorCodes.MissingPermissions) return false;
      if (error.code !== RESTJSONErrorCodes.ThreadAlreadyCreatedForMessage) throw error;
    }
    begun.add(message);
    if (begun.size > REMEMBERED) begun.delete(begun.keys().next().value as string);
    return true;
  };
  const channelOf = async (to: Exclude<Destination, { reply: unknown }>): Promise<string> => {
    if ('channel' in to) {
      if (to.begins !== undefined && to.thread !== undefined && !(await beginThread(to.channel, to.thread, to.begins))) return to.channel;
      return to.thread ?? to.channel;
    }
    const known = directs.get(to.person);
    if (known !== undefined) return known;
    const { id } = await rest.call<{ id: string }>(Routes.userChannels(), { method: 'POST', body: { recipient_id: to.person } });
    directs.set(to.person, id);
    return id;
  };
  const write = async (message: Outgoing): Promise<{ body: Record<string, unknown>; files: { name: string; text: string }[] }> => {
    const { content, embeds, components, files, keep: lines } = draw(message.shown, message.marker, message.mentions);
    if (lines.length > 0) await keep.keep(lines);
    const attachments = files.map(({ name }, n) => ({ id: String(n), filename: name }));
    return { body: { content, embeds, components, attachments, allowed_mentions: { parse: [], users: [...(message.mentions ?? [])] } }, files };
  };
  const tried = async (call: () => Promise<Sent>): Promise<Sent> => {
    try {
      return await call();
    } catch (error) {
      const trouble = troubleOf(error);
      if (trouble.why !== 'no') return { sent: false, ...trouble };
      return { sent: false, why: 'no', says: trouble.says, ...(GONE.has(trouble.code) && { gone: true }) };
    }
  };
  /** Replaces what stands there, however often it is done: a second try shows nothing twice. */
  const answer = async (reply: unknown, id: string, message: Outgoing): Promise<Sent> => {
    const { application, token } = reply as ReplyBy;
    const { body, files } = await write(message);
    const posted = await rest.reply<Posted>(Routes.webhookMessage(application, token, id), { method: 'PATCH', body, files });
    return { sent: true, id: posted.id, channel: posted.channel_id };
  };
  return {
    platform: 'discord',
    post: (to, message) =>
      tried(async () => {
        if ('reply' in to) return answer(to.reply, '@original', message);
        const channel = await channelOf(to);
        const { body, files } = await write(message);
        const posted = await rest.call<Posted>(Routes.channelMessages(channel), {
          method: 'POST',
          body: { ...body, nonce: message.marker, enforce_nonce: true },
          files,
        });
        return { sent: true, id: posted.id, channel: posted.channel_id };
      }),
    edit: (to, id, message) =>
      tried(async () => {
        if ('reply' in to) return answer(to.reply, id, message);
        const channel = await channelOf(to);
        const { body, files } = await write(message);
        const posted = await rest.call<Posted>(Routes.channelMessage(channel, id), { method: 'PATCH', body, files });
        return { sent: true, id: posted.id, channel: posted.channel_id };
      }),
    pin: (to, id, on) =>
      tried(async () => {
        if ('reply' in to) return { sent: false, why: 'no', says: 'an answer for one person alone cannot be pinned' };
        await rest.call(Routes.channelMessagesPin(await channelOf(to), id), { method: on ? 'PUT' : 'DELETE' });
        return { sent: true, id };
      }),
    open: (beside, wanted) => tried(() => openBeside(rest, beside, wanted)),
    async find(to, marker) {
      // An answer to its asker alone replaces itself: it can be given again.
      if ('reply' in to) return undefined;
      try {
        const channel = await channelOf(to);
        const known = seen.get(`${channel} ${marker}`);
        if (known !== undefined) return known;
        let before: string | undefined;
        for (let page = 0; page < PAGES; page++) {
          const query = { limit: String(PAGE), ...(before !== undefined && { before }) };
          const messages = await rest.call<Posted[]>(Routes.channelMessages(channel), { query });
          const found = messages.find((one) => one.author?.id === world.self() && one.embeds?.some(({ footer }) => footer?.text === marker));
          if (found) return found.id;
          if (messages.length < PAGE) return undefined;
          before = messages.at(-1)?.id;
        }
        return 'unsure';
      } catch {
        return 'unsure';
      }
    },
    arrived(marker, channel, id) {
      seen.set(`${channel} ${marker}`, id);
      if (seen.size > REMEMBERED) seen.delete(seen.keys().next().value as string);
    },
  };
}
