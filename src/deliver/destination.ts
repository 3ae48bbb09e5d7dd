import type { Place } from '../chat/command.ts';
import type { Destination } from './messenger.ts';

/**
 * Where a row of `messages` and `cards` goes stands in its `channel`: the platform's id of a channel; `@` and a platform's id of a person
 * for a direct message (`@U012AB3CD`); or `reply`, by what came with the line, for its asker alone. Of a terminal it is its address.
 */
export const REPLY = 'reply';

export const directTo = (user: string): string => `@${user}`;

/** Where what concerns a line is shown: for the asker alone that is a direct message, never the channel. */
export function channelOf(place: Place): string {
  return place.alone && place.user !== undefined && isChat(place.platform) ? directTo(place.user) : place.channel;
}

export const isChat = (platform: string): platform is 'slack' | 'discord' => platform === 'slack' || platform === 'discord';

/** The direct message that takes the place of a channel that will not have something; nothing where nobody in particular asked. */
export function insteadOf(channel: string, place: Partial<Place>): string | undefined {
  return place.user !== undefined && channel !== directTo(place.user) && !channel.startsWith('@') ? directTo(place.user) : undefined;
}

export function destinationOf({ channel, place, reply }: { channel: string; place: Partial<Place>; reply?: unknown }): Destination {
  if (channel === REPLY) return { reply };
  if (channel.startsWith('@')) return { person: channel.slice(1) };
  return { channel, ...(place.thread !== undefined && place.channel === channel && { thread: place.thread }) };
}

/** The thread of what is said under a card, as SQL: the one in which it was asked for and stands, for there is none in a thread; else the one under its message. */
export const UNDER_CARD = `coalesce(case when c.place ->> 'channel' = c.channel then c.place ->> 'thread' end, c.message_id)`;
