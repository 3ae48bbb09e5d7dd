import type { Card } from '../chat/card.ts';
import type { Place } from '../chat/command.ts';
import { crashPoint } from '../lib/crash.ts';
import { channelName } from '../store/db.ts';
import { destinationOf, insteadOf, REPLY, UNDER_CARD } from './destination.ts';
import type { Lane, Looked } from './lanes.ts';
import type { MessageBody } from './messages.ts';
import type { Destination } from './messenger.ts';
import { OPENING_TRIES, WANTS_OPENING } from './open-beside.ts';
import { pauseAfter, postOnce, type Tried } from './post-once.ts';
import { renderThing } from './render.ts';
import { NOT_OURS, pay, type Sending, standsForUs } from './sending.ts';
import type { Shown } from './shown.ts';

/** The next message of a lane, and in how many wall ms it is due. */
export interface DueMessage extends Tried {
  id: string;
  key: string;
  body: MessageBody;
  inbox_id: string | null;
  channel: string;
  place: Place;
  person: string | null;
  marker: string;
  says: string | null;
  reply: unknown;
  /** What its asker alone can be answered by is still good. */
  replies: boolean;
  due: number;
}

/** The oldest that is due; where none is, the one that is next. */
export async function dueMessage({ db, messenger }: Sending, lane: Lane): Promise<DueMessage | undefined> {
  const held = [...lane.inHand].filter((name) => name.startsWith('m')).map((name) => name.slice(1));
  const pick = (which: string): Promise<DueMessage[]> =>
    db.query(
      `select m.id, m.key, m.body, m.inbox_id, m.channel, m.place, m.person, m.marker, m.attempted is not null as attempted, m.tries, m.looked, m.blind, m.says,
              i.reply, coalesce(i.reply_until > now() + interval '2 seconds', false) as replies,
              greatest(0, coalesce(extract(epoch from m.not_before - now()), 0))::float8 * 1000 as due
       from messages m left join inbox i on i.id = m.inbox_id
       where m.platform = $1 and m.channel = $2 and m.state = 'waiting' and not m.id = any ($3::bigint[]) and ${which} limit 1`,
      [messenger.platform, lane.channel, held],
    );
  const [due] = await pick(`(m.not_before is null or m.not_before <= now()) order by m.id`);
  return due ?? (await pick(`m.not_before > now() order by m.not_before`))[0];
}

/** Sends one message, once. What came of it is written before anything else is sent there. `not yet`: what it hangs on is not there, and is to go first. */
export async function sendMessage(sending: Sending, row: DueMessage): Promise<Looked | 'not yet'> {
  const { pace, purses, log } = sending;
  const byReply = row.channel === REPLY;
  if (byReply && !row.replies && !row.attempted) return moveOn(sending, row, 'the time to answer there is over', false);
  const to = await whereItGoes(sending, row);
  if (to === 'not yet') {
    await note(sending, row, `not_before = now() + make_interval(secs => $2::float8 / 1000)`, [UNDER]);
    return to;
  }
  const wait = byReply ? 0 : pay(row.attempted ? purses.finds : purses.posts);
  if (wait > 0) return { look: wait };
  const shown = await sayMessage(sending, row);
  const posted = await postOnce(sending, to, { marker: row.marker, shown }, row, (blind) => begin(sending, row, blind));
  if (posted.is === 'somebody else sends') return NOT_OURS;
  if (posted.is === 'there') {
    await mark(sending, row, `state = 'sent', wall_sent = now(), provider_id = $2, says = null`, [posted.id]);
    crashPoint('answer.marked');
    return { rest: byReply ? 0 : pace.channel };
  }
  if (posted.is === 'no' && posted.gone && (await ownChannelIsGone(sending, row, to, posted.says))) return { rest: 0 };
  if (posted.is === 'no') return moveOn(sending, row, posted.says, false);
  if (posted.is === 'given up') return moveOn(sending, row, posted.says, true);
  if (posted.is === 'later') {
    await note(sending, row, `attempted = null, not_before = now() + make_interval(secs => $3::float8 / 1000), says = $2`, [posted.says, posted.after]);
    if (posted.scope === 'workspace') return { stop: posted.after };
    return { rest: byReply ? 0 : posted.after };
  }
  log.warn({ message: row.id, channel: row.channel, says: posted.says }, 'nobody knows whether a message arrived; it is looked up');
  await note(sending, row, `tries = tries + 1, looked = $3, not_before = now() + make_interval(secs => $4::float8 / 1000), says = $2`, [
    posted.says,
    posted.looked,
    pauseAfter(row.tries),
  ]);
  return { rest: byReply ? 0 : pace.channel };
}

/** Wall ms between two looks for the card under which something is to stand. */
const UNDER = 1_000;

/** What stands in the thread of a card, or in its own channel, waits until that is there; where the card cannot be shown, it goes into the channel. */
async function whereItGoes({ db, messenger }: Sending, row: DueMessage): Promise<Destination | 'not yet'> {
  const { under } = row.body;
  if (!under) return destinationOf(row);
  const [card] = await db.query<{ message_id: string | null; thread: string; stands_in: string | null; waits: boolean; opened: string | null; opens: boolean }>(
    `select message_id, ${UNDER_CARD} as thread, stands_in, shown_rev < wanted_rev as waits, opened, ${WANTS_OPENING} as opens from cards c where thing_kind = $1 and thing_id = $2 and platform = $3 and channel = $4`,
    [under.kind, under.id, messenger.platform, row.channel],
  );
  if (card?.opened != null) return { channel: card.opened };
  if (card?.opens) return 'not yet';
  if (!card || (card.message_id === null && !card.waits)) return destinationOf(row);
  if (card.message_id === null) return 'not yet';
  if (card.thread !== card.message_id) return { channel: row.channel, thread: card.thread };
  return { channel: card.stands_in ?? row.channel, thread: card.message_id, begins: row.body.card?.title.slice(0, 80) ?? under.id };
}

/** Somebody archived or deleted the channel that the thing had for itself: what is said of it stands in its thread from now on, this first. */
async function ownChannelIsGone(sending: Sending, row: DueMessage, to: Destination, says: string): Promise<boolean> {
  const { under } = row.body;
  if (!under || !('channel' in to) || to.thread !== undefined) return false;
  const gone = await sending.db.tx(async (tx) => {
    const rows = await tx.query(
      `update cards set opened = null, opened_url = null, open_tries = ${OPENING_TRIES}, wanted_rev = wanted_rev + 1
       where thing_kind = $1 and thing_id = $2 and platform = $3 and channel = $4 and opened = $5 returning id`,
      [under.kind, under.id, sending.messenger.platform, row.channel, to.channel],
    );
    if (rows.length > 0) await tx.notify('shown', 'channel');
    return rows.length > 0;
  });
  if (!gone) return false;
  sending.log.warn(
    { thing: `${under.kind} ${under.id}`, channel: to.channel, says },
    'the channel that something had for itself is gone; what is said stands in its thread',
  );
  await note(sending, row, `attempted = null, tries = 0, looked = 0`, []);
  return true;
}

/** Written before the platform is asked, and only by the one that sends. */
async function begin(sending: Sending, row: DueMessage, blind: boolean): Promise<boolean> {
  const begun = await sending.db.query(
    `update messages set attempted = now(), tries = tries + 1, looked = 0, blind = blind or $2 where id = $1 and state = 'waiting' and ${standsForUs(3)} returning id`,
    [row.id, blind, sending.lease, sending.holder],
  );
  return begun.length > 0;
}

/** It reached nobody there: the asker gets it as a direct message, else it is kept, and said. */
async function moveOn(sending: Sending, row: DueMessage, says: string, blind: boolean): Promise<Looked> {
  if (row.body.hint) {
    await sending.db.query(`delete from messages where id = $1`, [row.id]);
    return { rest: 0 };
  }
  const instead = insteadOf(row.channel, row.place);
  if (instead !== undefined) {
    await note(sending, row, `channel = $3, attempted = null, tries = 0, looked = 0, blind = $4, not_before = null, says = $2`, [says, instead, blind]);
    sending.wake();
    return { rest: 0 };
  }
  sending.log.warn({ message: row.id, key: row.key, channel: row.channel, person: row.person, says }, 'a message reached nobody');
  await mark(sending, row, `state = 'undeliverable', says = $2`, [says]);
  return { rest: 0 };
}

async function note({ db }: Sending, row: DueMessage, set: string, values: unknown[]): Promise<void> {
  await db.query(`update messages set ${set} where id = $1 and state = 'waiting'`, [row.id, ...values]);
}

async function mark({ db }: Sending, row: DueMessage, set: string, values: unknown[]): Promise<void> {
  // One statement: of two hundred answers a second each costs one flush.
  await db.query(
    `with marked as (update messages set ${set} where id = $1 and state = 'waiting' returning inbox_id)
     select pg_notify($${values.length + 2}, 'line:' || inbox_id) from marked where inbox_id is not null`,
    [row.id, ...values, channelName('shown')],
  );
}

async function sayMessage(sending: Sending, { body, place, channel, says }: DueMessage): Promise<Partial<Shown>> {
  const { thing } = body;
  const shown = thing
    ? await renderThing(sending, { thing_kind: thing.kind, thing_id: thing.id, final: false, place: { zone: place.zone ?? 'UTC' }, json: false })
    : { ...(body.card && { card: forWhom(body.card, body.to) }), ...(body.document !== undefined && { document: body.document }) };
  return movedNote(shown, { place, channel, says });
}

/** In a channel, where others read it too, it is said whom it is for. */
const forWhom = (card: Card, to: MessageBody['to']): Card => (to?.by === 'channel' ? { ...card, title: `For ${to.person}: ${card.title}` } : card);

/** What the channel where it was asked would not have says so to the one who gets it instead. */
export function movedNote<S extends Partial<Shown>>(shown: S, { place, channel, says }: { place: Partial<Place>; channel: string; says: string | null }): S {
  if (!channel.startsWith('@') || place.alone || says === null || !shown.card || place.channel === undefined || place.channel.startsWith('@')) return shown;
  const note = `For you alone: the channel where you asked will not have it (${says}). Invite me there, and it is shown to everybody.`;
  return { ...shown, card: { ...shown.card, body: [...(shown.card.body ?? []), note] } };
}
