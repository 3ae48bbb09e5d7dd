import type { Card } from '../chat/card.ts';
import type { Place } from '../chat/command.ts';
import type { Config } from '../config/schema.ts';
import type { Log } from '../ops.ts';
import type { Person } from '../people.ts';
import type { Tx } from '../store/db.ts';
import { toJsonb } from '../store/json.ts';
import { channelOf, isChat, UNDER_CARD } from './destination.ts';
import { type Device, devicesOf, STAYS, terminal } from './devices.ts';
import type { MessageBody } from './messages.ts';
import { channelsFor, type News } from './news.ts';

/** Something a person, or a place, has to know without having asked. */
export interface Telling {
  /** Told once, whatever is tried again. Names the thing and the reason: `run:R1 approval 0 ada`. */
  key: string;
  /** A person by name, or a place. */
  to: { person: string } | { place: Place };
  card: Card;
  /** Where what it is about was asked: told there too when no device of the person's own is known. */
  asked?: Place;
  /** A page asks them the same by their channels: told only at terminals, which no page reaches on a real fleet. */
  paged?: true;
  /** Domain time. */
  at: number;
}

/** Something the channels bound to its kind have to know: a thing whose card goes on there, or words. */
export interface Posting {
  key: string;
  news: News;
  what: { thing: { kind: string; id: string } } | { card: Card };
  /** In the thread under the card of this thing, where that stands, or in the channel it has for itself. */
  under?: { kind: string; id: string };
  /** Whoever is in this place has it already: it is the answer to what was typed there. */
  except?: Place;
  at: number;
}

/** Puts what somebody has to know where they see it, as rows of the transaction it belongs to. */
export interface Tell {
  tell(tx: Tx, telling: Telling): Promise<void>;
  /** Posts the card of a thing again in a place, as it is when it is sent. */
  repost(tx: Tx, posting: { key: string; thing: { kind: string; id: string }; place: Place; at: number }): Promise<void>;
  /** Posts in every channel that is bound to this kind of news, once for a key. */
  news(tx: Tx, posting: Posting): Promise<void>;
}

/**
 * In the sandbox everything that would reach a person is printed on its one terminal (`home`). On a real fleet it goes to the devices of
 * the person (devices.ts); to somebody nobody can reach it is kept as undeliverable, and the log says so.
 */
export function openTell(world: {
  log: Log;
  config(): Pick<Config, 'slack' | 'discord' | 'channels' | 'timezone'>;
  people(): readonly Person[];
  /** The sandbox's own terminal. */
  home?: string;
}): Tell {
  const { home } = world;
  return {
    async tell(tx, { key, to, card, asked, paged, at }) {
      if (paged && home !== undefined) return;
      const person = 'person' in to ? to.person : null;
      const all: Device[] =
        'place' in to
          ? [{ place: to.place, by: 'channel' }]
          : home === undefined
            ? await devicesOf(tx, world, to.person, asked)
            : [{ place: terminal(home), by: 'dm' }];
      const devices = paged ? all.filter((device) => device.place.platform === 'terminal') : all;
      if (devices.length === 0 && !paged) {
        const kept = await put(tx, { key, place: terminal(''), person, body: { card }, at, state: 'undeliverable' });
        if (kept) world.log.warn({ person, key }, 'nobody could be told: no device of theirs is known');
      }
      for (const { place, by } of devices) {
        const body: MessageBody = { card, ...(person !== null && { to: { person, by } }) };
        await put(tx, { key: devices.length > 1 ? `${key} @${place.platform} ${place.channel}` : key, place, person, body, at, state: 'waiting' });
      }
      await tx.notify('shown', 'message');
    },
    async repost(tx, { key, thing, place, at }) {
      if (place.platform === 'terminal' && !STAYS.test(place.channel)) return;
      const chat = isChat(place.platform);
      const fresh = await put(tx, { key, place, person: null, body: { thing }, at, state: chat ? 'sent' : 'waiting' });
      // The one message of the thing moves to the bottom; the row above only says that this was done.
      if (fresh && chat) await putCard(tx, thing, place, true);
      await tx.notify('shown', 'message');
    },
    async news(tx, { key, news, what, under, except, at }) {
      for (const place of channelsFor(world.config(), news)) {
        if (except && (await isThere(tx, place, under, except))) continue;
        const body: MessageBody = 'card' in what ? { card: what.card, ...(under && { under }) } : {};
        if ('thing' in what) await putCard(tx, what.thing, place, false);
        else await put(tx, { key: `${key} @${place.platform} ${place.channel}`, place, person: null, body, at, state: 'waiting' });
      }
      await tx.notify('shown', 'message');
    },
  };
}

/** Whether what would go to this place stands where it was typed already, as the answer: in the channel; with `under`, in the thread or the channel of the thing. */
async function isThere(tx: Tx, { platform, channel }: Place, under: Posting['under'], typed: Place): Promise<boolean> {
  if (typed.platform !== platform || typed.alone) return false;
  if (!under) return typed.channel === channel && typed.thread === undefined;
  const [card] = await tx.query<{ thread: string | null; opened: string | null }>(
    `select ${UNDER_CARD} as thread, opened from cards c where thing_kind = $1 and thing_id = $2 and platform = $3 and channel = $4`,
    [under.kind, under.id, platform, channel],
  );
  if (card?.opened != null) return typed.channel === card.opened;
  return typed.channel === channel && typed.thread !== undefined && (!card || typed.thread === card.thread);
}

/** One card for a thing in a place. `again`: its message is to stand at the bottom. */
async function putCard(tx: Tx, thing: { kind: string; id: string }, place: Place, again: boolean): Promise<void> {
  await tx.query(
    `insert into cards (thing_kind, thing_id, platform, channel, place) values ($1, $2, $3, $4, $5)
     on conflict (thing_kind, thing_id, platform, channel) do update set asked = cards.asked + $6::int, wanted_rev = cards.wanted_rev + $6::int`,
    [thing.kind, thing.id, place.platform, channelOf(place), toJsonb(place), again ? 1 : 0],
  );
}

/** False when it was told before. */
async function put(
  tx: Tx,
  {
    key,
    place,
    person,
    body,
    at,
    state,
  }: { key: string; place: Place; person: string | null; body: MessageBody; at: number; state: 'waiting' | 'sent' | 'undeliverable' },
): Promise<boolean> {
  const rows = await tx.query(
    `insert into messages (key, platform, channel, place, person, body, state, made) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (key) do nothing returning id`,
    [key, place.platform, channelOf(place), toJsonb(place), person, toJsonb(body), state, new Date(at)],
  );
  return rows.length > 0;
}
