import { pings } from './rules.ts';
import type { Message } from './shapes.ts';
import type { State } from './state.ts';

export interface Answer {
  status: number;
  body?: unknown;
}

/** One request, read. */
export interface Asked {
  method: string;
  /** After `/api/v10`. */
  path: string;
  query: URLSearchParams;
  // biome-ignore lint/suspicious/noExplicitAny: what came over the wire, looked at field by field and held to the schema
  body: any;
  files: { name: string; text: string }[];
}

export const problem = (status: number, code: number, message: string): Answer => ({ status, body: { code, message } });

export const inServer = (state: State, channel: string): object => (state.channels.get(channel)?.type === 1 ? {} : { guild_id: state.server });

/** Whose devices a message rings. */
export function rings(message: Message, body: { content?: string | null; allowed_mentions?: never; embeds?: unknown }): void {
  message.pinged.push(...pings(body.content ?? '', body.allowed_mentions));
}
