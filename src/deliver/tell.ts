import type { Card } from '../chat/card.ts';
import type { Place } from '../chat/command.ts';
import type { Log } from '../ops.ts';
import type { Queries, Tx } from '../store/db.ts';
import { toJsonb } from '../store/json.ts';
import type { MessageBody } from './messages.ts';

/** Something a person, or a place, has to know without having asked. */
export interface Telling {
  /** Told once, whatever is tried again. Names the thing and the reason: `run:R1 approval 0 ada`. */
  key: string;
  /** A person by name, or a place. */
  to: { person: string } | { place: Place };
  card: Card;
  /** Where what it is about was asked: told there too when no device of the person's own is known. */
  asked?: Place;
  /** Domain time. */
  at: number;
}

/** Puts what somebody has to know where they see it, as rows of the transaction it belongs to. */
export interface Tell {
  tell(tx: Tx, telling: Telling): Promise<void>;
  /** Posts the card of a thing again in a place, as it is when it is sent. */
  repost(tx: Tx, posting: { key: string; thing: { kind: string; id: string }; place: Place; at: number }): Promise<void>;
}

/**
 * Devices are terminals today. In the sandbox everything that would reach a person is printed on its one terminal (`home`).
 * On a real fleet it goes to the terminals where the person types, and to where the thing was asked; to somebody nobody can
 * reach it is kept as undeliverable, and the log says so.
 */
export function openTell(world: { log: Log /** The sandbox's own terminal. */; home?: string }): Tell {
  return {
    async tell(tx, { key, to, card, asked, at }) {
      const person = 'person' in to ? to.person : null;
      const places = 'place' in to ? [to.place] : world.home === undefined ? await placesOf(tx, to.person, asked) : [terminal(world.home)];
      const body: MessageBody = { card, ...(person !== null && { to: { person, by: world.home === undefined ? 'terminal' : 'dm' } }) };
      if (places.length === 0) {
        const kept = await put(tx, { key, place: terminal(''), person, body, at, state: 'undeliverable' });
        if (kept) world.log.warn({ person, key }, 'nobody could be told: no device of theirs is known');
      }
      for (const place of places) await put(tx, { key: places.length > 1 ? `${key} @${place.channel}` : key, place, person, body, at, state: 'waiting' });
      await tx.notify('shown', 'message');
    },
    async repost(tx, { key, thing, place, at }) {
      if (place.platform === 'terminal' && !STAYS.test(place.channel)) return;
      await put(tx, { key, place, person: null, body: { thing }, at, state: 'waiting' });
      await tx.notify('shown', 'message');
    },
  };
}

const terminal = (channel: string): Place => ({ platform: 'terminal', channel, zone: 'UTC' });

/** Terminals that stay: the channel of one command from a shell ends with it. */
const STAYS = /^terminal:/;
/** Somebody who sat at five terminals is told at those where they typed last. */
const MOST = 3;

async function placesOf(db: Queries, person: string, asked: Place | undefined): Promise<Place[]> {
  const own = await db.query<{ place: Place }>(
    `select place from (select distinct on (place ->> 'channel') place, id from inbox
       where actor = $1 and platform = 'terminal' and starts_with(place ->> 'channel', 'terminal:') order by place ->> 'channel', id desc) as typed
     order by id desc limit ${MOST}`,
    [person],
  );
  const places = [...own.map(({ place }) => place), ...(asked ? [asked] : [])].filter(
    ({ platform, channel }) => platform === 'terminal' && STAYS.test(channel),
  );
  return places.filter((place, n) => places.findIndex(({ channel }) => channel === place.channel) === n);
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
  }: { key: string; place: Place; person: string | null; body: MessageBody; at: number; state: 'waiting' | 'undeliverable' },
): Promise<boolean> {
  const rows = await tx.query(
    `insert into messages (key, platform, channel, place, person, body, state, made) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (key) do nothing returning id`,
    [key, place.platform, place.channel, toJsonb(place), person, toJsonb(body), state, new Date(at)],
  );
  return rows.length > 0;
}
