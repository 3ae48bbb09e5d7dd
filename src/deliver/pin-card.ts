import type { Place } from '../chat/command.ts';
import { destinationOf } from './destination.ts';
import type { Lane, Looked } from './lanes.ts';
import { ask } from './post-once.ts';
import { pay, type Sending } from './sending.ts';

/** A card whose message is to be pinned, or is pinned and should not be any more. */
export interface DuePin {
  id: string;
  channel: string;
  place: Place;
  message_id: string | null;
  stands_in: string | null;
  pin: boolean;
  pinned: string | null;
}

/** Tries before it is left as it is: a channel may hold no more pins, or the bot may not pin there. */
const TRIES = 3;
/** Wall ms after one that failed. */
const PAUSE = 5_000;

export const WANTS_PIN = `c.pin_tries < ${TRIES} and ((c.pin and c.message_id is not null and c.pinned is distinct from c.message_id) or (not c.pin and c.pinned is not null))`;

export async function duePin({ db, messenger }: Sending, lane: Lane): Promise<DuePin | undefined> {
  const [row] = await db.query<DuePin>(
    `select c.id, c.channel, c.place, c.message_id, c.stands_in, c.pin, c.pinned from cards c where c.platform = $1 and c.channel = $2 and ${WANTS_PIN} order by c.id limit 1`,
    [messenger.platform, lane.channel],
  );
  return row;
}

/** One call: what is pinned and should not be comes first. Pinning twice is pinning once, so that a crash between costs nothing. */
export async function pinCard(sending: Sending, row: DuePin): Promise<Looked> {
  const wait = pay(sending.purses.edits, 1);
  if (wait > 0) return { look: wait };
  const off = row.pinned !== null && row.pinned !== row.message_id ? row.pinned : row.pin ? undefined : row.pinned;
  const message = off ?? row.message_id;
  if (message === null) return { rest: 0 };
  const where = row.stands_in === null ? destinationOf(row) : { channel: row.stands_in };
  const sent = await ask(sending, () => sending.messenger.pin(where, message, off == null));
  if (sent.sent || (sent.why === 'no' && off != null)) {
    await sending.db.query(`update cards set pinned = $2, pin_tries = 0 where id = $1`, [row.id, off == null ? message : null]);
    return { rest: sending.pace.channel };
  }
  if (sent.why === 'later') return sent.scope === 'workspace' ? { stop: sent.after } : { rest: sent.after };
  if (sent.why === 'no') sending.log.warn({ card: row.id, channel: row.channel, says: sent.says }, 'a card cannot be pinned there; it stands there unpinned');
  await sending.db.query(`update cards set pin_tries = $2 + case when $2 = 0 then pin_tries + 1 else 0 end where id = $1`, [
    row.id,
    sent.why === 'no' ? TRIES : 0,
  ]);
  return { rest: PAUSE };
}
