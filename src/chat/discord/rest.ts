import { DiscordAPIError, HTTPError, RateLimitError, REST } from '@discordjs/rest';
import { Routes } from 'discord-api-types/v10';
import type { Log } from '../../ops.ts';
import type { Patience } from './patience.ts';

export interface Call {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  body?: unknown;
  files?: readonly { name: string; text: string }[];
  query?: Record<string, string>;
  /** Wall ms, where it has to be quicker than others. */
  within?: number;
}

/** Discord's HTTP: one try a call, with a time-out, and no retry of the library's own. Throws what the library throws. */
export interface Rest {
  call<Answer>(path: `/${string}`, call?: Call): Promise<Answer>;
  /** Answers to interactions: without the token and outside the limits of the bot, as Discord counts them. */
  reply<Answer>(path: `/${string}`, call?: Call): Promise<Answer>;
  /** The library's own, for its Gateway. */
  library: REST;
  /** After a 401: gives the library its token back, and asks Discord whether it means it. */
  doubt(): Promise<void>;
}

export type Trouble =
  /** Not taken; what has to wait, and until when (wall ms). */
  { why: 'later'; says: string; after: number; scope: 'channel' | 'workspace' } | { why: 'no'; code: number; says: string } | { why: 'unsure'; says: string };

export function openRest(world: { api?: string | undefined; token: string; patience: Patience; log: Log; refused(why: string): void }): Rest {
  const { patience, token } = world;
  const make = (globalRequestsPerSecond: number): REST =>
    new REST({
      version: '10',
      ...(world.api !== undefined && { api: world.api.replace(/\/$/, '') }),
      retries: 0,
      timeout: patience.call,
      // Whoever sends decides what waits: nothing is queued out of sight.
      rejectOnRateLimit: () => true,
      globalRequestsPerSecond,
    });
  const library = make(50).setToken(token);
  const replies = make(Number.POSITIVE_INFINITY);
  let asking: Promise<void> | undefined;

  /** One 401 takes the library's token away for good: it is given back, and Discord is asked whether it means it. */
  const unauthorized = async (): Promise<void> => {
    library.setToken(token);
    try {
      await send(library, Routes.user(), {}, patience.call);
      world.log.warn({}, 'Discord refused the token once, and takes it again');
    } catch (error) {
      library.setToken(token);
      if (statusOf(error) === 401)
        world.refused('Discord refuses the token of the bot (401): it was reset or taken back. Put the new one into holdfast.yaml (discord.token).');
    }
  };
  const doubt = (): Promise<void> => {
    asking ??= unauthorized().finally(() => {
      asking = undefined;
    });
    return asking;
  };
  return {
    library,
    doubt,
    async call<Answer>(path: `/${string}`, call: Call = {}) {
      try {
        return (await send(library, path, call, call.within ?? patience.call)) as Answer;
      } catch (error) {
        if (statusOf(error) === 401) await doubt();
        throw error;
      }
    },
    reply: async <Answer>(path: `/${string}`, call: Call = {}) => (await send(replies, path, call, call.within ?? patience.call, false)) as Answer,
  };
}

/** What a failed call comes to. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof RateLimitError) {
    const wait = Math.max(error.retryAfter, error.timeToReset, 100);
    return {
      why: 'later',
      says: `Discord asks to wait ${Math.ceil(wait / 100) / 10} s`,
      after: wait,
      scope: error.global ? 'workspace' : 'channel',
    };
  }
  const status = statusOf(error);
  if (status === 401) {
    const token = error instanceof DiscordAPIError && (error.code === 50027 || error.code === 10015);
    if (token) return { why: 'no', code: Number(error.code), says: 'The time in which Discord takes an answer to this is over.' };
    return { why: 'later', says: 'Discord refused the token (401)', after: UNAUTHORIZED, scope: 'workspace' };
  }
  if (error instanceof DiscordAPIError && status !== undefined && status < 500) {
    const code = Number(error.code);
    return {
      why: 'no',
      code,
      says: REMEDIES[code] ?? `Discord refuses it: ${error.rawError && 'message' in error.rawError ? error.rawError.message : error.message} (${code}).`,
    };
  }
  return { why: 'unsure', says: status === undefined ? `no answer from Discord (${sayError(error)})` : `Discord answered ${status}` };
}

/** Wall ms before a call is tried again whose token Discord did not take. */
const UNAUTHORIZED = 5_000;

const REMEDIES: Record<number, string> = {
  10003: 'This channel is gone. Bind another one in holdfast.yaml (channels).',
  10008: 'The message is gone.',
  10015: 'The time in which Discord takes an answer to this is over.',
  10062: 'The time in which Discord takes an answer to this is over.',
  50001: 'Holdfast does not see this channel. Add its role to the channel (Edit channel, Permissions, View Channel), or invite it to the server again.',
  50007: 'This person takes no direct messages from the server. They allow them in its Privacy Settings (Direct Messages).',
  50013: 'Holdfast may not write here. Give its role Send Messages, Send Messages in Threads, Embed Links and Attach Files in this channel.',
  50027: 'The time in which Discord takes an answer to this is over.',
};

function send(rest: REST, path: `/${string}`, { method = 'GET', body, files, query }: Call, ms: number, auth = true): Promise<unknown> {
  return rest.request({
    method: method as never,
    fullRoute: path,
    auth,
    ...(body !== undefined && { body }),
    ...(files?.length && { files: files.map(({ name, text }) => ({ name, data: Buffer.from(text), contentType: 'text/plain; charset=utf-8' })) }),
    ...(query && { query: new URLSearchParams(query) }),
    // The library's time-out ends with the headers; this one also bounds the body and the wait for its turn.
    signal: AbortSignal.timeout(ms),
  });
}

export const statusOf = (error: unknown): number | undefined => (error instanceof DiscordAPIError || error instanceof HTTPError ? error.status : undefined);

/** Never with the address: it holds the token of an interaction. */
const sayError = (error: unknown): string =>
  error instanceof Error ? ('code' in error && typeof error.code === 'string' ? error.code : error.name) : 'unknown';
