import { createHash } from 'node:crypto';
import type { Place } from '../chat/command.ts';
import { crashPoint } from '../lib/crash.ts';
import { toJsonb } from '../store/json.ts';
import { destinationOf, insteadOf } from './destination.ts';
import type { Lane, Looked } from './lanes.ts';
import type { Destination } from './messenger.ts';
import { ask, pauseAfter, postOnce, type Tried } from './post-once.ts';
import { cannotShow, renderThing } from './render.ts';
import { movedNote } from './send-message.ts';
import { NOT_OURS, pay, type Sending, standsForUs } from './sending.ts';
import type { Shown } from './shown.ts';

/** The next card of a lane, and in how many wall ms it is due. */
export interface DueCard extends Tried {
  id: string;
  thing_kind: string;
  thing_id: string;
  channel: string;
  place: Place;
  inbox_id: string | null;
  json: boolean | null;
  wanted_rev: number;
  final: boolean;
  message_id: string | null;
  marker: string;
  asked: number;
  posted: number;
  /** Of the message it is now. */
  edits: number;
  stands_in: string | null;
  /** Where a person opens the channel that its thing has for itself. */
  opened_url: string | null;
  shown_as: string | null;
  says: string | null;
  due: number;
}

/** Edits and posts in a row that failed, after which it waits for its end. */
const TRIES = 4;
/** Wall ms until the next change of a card is tried where nobody would have it. */
const UNWANTED = 60_000;
/** Of the budget of edits so many stay for ends. */
const FOR_ENDS = 4;

/** When a card may be shown next, as SQL: wall ms from now. The first edit of a thing that has ended need not wait as long as others. */
export const dueIn = ({ edit, channel, firstWords }: Sending['pace']): string =>
  `greatest(0, coalesce(extract(epoch from c.not_before - now()) * 1000, 0),
     case when c.message_id is null or c.asked > c.posted then case when c.final then 0 else extract(epoch from c.wall_made - now()) * 1000 + ${firstWords} end
          else extract(epoch from c.shown_at - now()) * 1000 + case when c.final and c.edits = 0 then ${channel} else ${edit} end end)::float8`;

export async function dueCard({ db, messenger, pace }: Sending, lane: Lane): Promise<DueCard | undefined> {
  const held = [...lane.inHand].filter((name) => name.startsWith('c')).map((name) => name.slice(1));
  const [row] = await db.query<DueCard>(
    `select c.id, c.thing_kind, c.thing_id, c.channel, c.place, c.inbox_id, i.json, c.wanted_rev, c.final, c.message_id, c.marker, c.asked, c.posted, c.edits,
            c.stands_in, c.opened_url, c.shown_as, c.says, c.attempted is not null as attempted, c.tries, c.looked, c.blind, ${dueIn(pace)} as due
     from cards c left join inbox i on i.id = c.inbox_id
     where c.platform = $1 and c.channel = $2 and c.shown_rev < c.wanted_rev and not c.id = any ($3::bigint[]) order by due, c.final desc, c.id limit 1`,
    [messenger.platform, lane.channel, held],
  );
  return row;
}

/** Shows a card as its thing is now: posted, or edited where it stands. */
export async function sendCard(sending: Sending, row: DueCard): Promise<Looked> {
  const posts = row.message_id === null || row.asked > row.posted;
  const { purses } = sending;
  const wait = posts ? pay(row.attempted ? purses.finds : purses.posts) : pay(purses.edits, row.final ? 0 : FOR_ENDS);
  // What is not the end may be skipped for a while: the next edit says it too.
  if (wait > 0) return { look: row.final || posts ? wait : Math.max(wait, sending.pace.edit) };
  let shown: Shown;
  try {
    shown = besideNote(movedNote(await renderThing(sending, row), row), row);
  } catch (error) {
    if (row.tries < TRIES) {
      sending.log.warn({ err: error, card: row.id }, 'an answer could not be made; it is tried again');
      await note(sending, row, `tries = tries + 1, not_before = now() + make_interval(secs => $2::float8 / 1000)`, [pauseAfter(row.tries)]);
      return { rest: 0 };
    }
    shown = cannotShow(sending.log, row, error);
  }
  const as = createHash('sha256').update(JSON.stringify(shown)).digest('base64url').slice(0, 22);
  if (posts) return post(sending, row, shown, as);
  if (as !== row.shown_as) return edit(sending, row, shown, as);
  await showed(sending, row, '', []);
  return { rest: 0 };
}

async function post(sending: Sending, row: DueCard, shown: Shown, as: string): Promise<Looked> {
  const to = destinationOf(row);
  const message = { marker: `${row.marker}.${row.posted + 1}`, shown };
  const posted = await postOnce(sending, to, message, row, async (blind) => {
    const begun = await sending.db.query(
      `update cards set attempted = now(), tries = tries + 1, looked = 0, blind = blind or $2 where id = $1 and ${standsForUs(3)} returning id`,
      [row.id, blind, sending.lease, sending.holder],
    );
    return begun.length > 0;
  });
  if (posted.is === 'somebody else sends') return NOT_OURS;
  if (posted.is === 'there') {
    const stands = `message_id = $2, stands_in = $3, posted = $4, edits = 0, shown_at = now(), ${SETTLED}`;
    const at = [posted.id, posted.channel ?? null, Math.max(row.asked, row.posted + 1)];
    // What was found says what was true when it was sent: an edit follows.
    if (posted.found) await note(sending, row, `shown_as = null, ${stands}`, at);
    else await showed(sending, row, `shown_as = $5, ${stands}`, [...at, as]);
    crashPoint('answer.marked');
    if (row.message_id !== null) await leaveBehind(sending, row, shown);
    return { rest: sending.pace.channel };
  }
  if (posted.is === 'no' || posted.is === 'given up') return nobodyHasIt(sending, row, posted.says, posted.is === 'given up');
  if (posted.is === 'later') return waits(sending, row, posted);
  sending.log.warn({ card: row.id, channel: row.channel, says: posted.says }, 'nobody knows whether a message arrived; it is looked up');
  await note(sending, row, `tries = tries + 1, looked = $3, says = $2, not_before = now() + make_interval(secs => $4::float8 / 1000)`, [
    posted.says,
    posted.looked,
    pauseAfter(row.tries),
  ]);
  return { rest: sending.pace.channel };
}

async function edit(sending: Sending, row: DueCard, shown: Shown, as: string): Promise<Looked> {
  const { db, messenger, log, lease, holder } = sending;
  if ((await db.query(`select 1 where ${standsForUs(1)}`, [lease, holder])).length === 0) return NOT_OURS;
  crashPoint('answer.rendered');
  const sent = await ask(sending, () => messenger.edit(whereItStands(row), row.message_id as string, { marker: `${row.marker}.${row.posted}`, shown }));
  crashPoint('answer.sent');
  if (sent.sent) {
    await showed(sending, row, `shown_as = $2, edits = edits + 1, shown_at = now(), ${SETTLED}`, [as]);
    crashPoint('answer.marked');
    return { rest: sending.pace.channel };
  }
  if (sent.why === 'later') return waits(sending, row, sent);
  if (sent.why === 'unsure') {
    await note(sending, row, `looked = looked + 1, says = $2, not_before = now() + make_interval(secs => $3::float8 / 1000)`, [
      sent.says,
      pauseAfter(row.looked),
    ]);
    return { rest: sending.pace.channel };
  }
  if (row.tries >= TRIES) return nobodyHasIt(sending, row, sent.says, false);
  if (row.posted > 1 && row.edits === 0 && !row.final) {
    // Nothing is edited there, and a message for each change would be a flood: the next one comes with its end.
    log.warn({ card: row.id, channel: row.channel, says: sent.says }, 'a card cannot be edited where it stands; its end is posted');
    await showed(sending, row, `attempted = null, says = $2`, [sent.says]);
    return { rest: sending.pace.edit };
  }
  log.warn({ card: row.id, channel: row.channel, says: sent.says }, 'the message of a card is gone; another is posted');
  await note(
    sending,
    row,
    `message_id = null, asked = greatest(asked, posted + 1), tries = tries + 1, attempted = null, blind = false, looked = 0, says = $2`,
    [sent.says],
  );
  return { rest: 0 };
}

/** Where it has a channel of its own, that is said where it stands besides. */
const besideNote = (shown: Shown, { opened_url: url }: DueCard): Shown =>
  url === null ? shown : { ...shown, card: { ...shown.card, body: [...(shown.card.body ?? []), `told in a channel of its own: ${url}`] } };

const SETTLED = `attempted = null, tries = 0, looked = 0, blind = false, not_before = null, says = null`;

const whereItStands = (row: DueCard): Destination => (row.stands_in === null ? destinationOf(row) : { channel: row.stands_in });

/** The message it was before says that it goes on elsewhere, and has no buttons any more. A courtesy: tried once. */
async function leaveBehind(sending: Sending, row: DueCard, { card }: Shown): Promise<void> {
  const moved = { card: { title: card.title, tone: 'quiet' as const, body: ['It goes on in a newer message below.'] } };
  await ask(sending, () => sending.messenger.edit(whereItStands(row), row.message_id as string, { marker: `${row.marker}.${row.posted}`, shown: moved }));
}

async function waits(sending: Sending, row: DueCard, later: { says: string; after: number; scope: 'channel' | 'workspace' }): Promise<Looked> {
  await note(sending, row, `attempted = null, says = $2, not_before = now() + make_interval(secs => $3::float8 / 1000)`, [later.says, later.after]);
  return later.scope === 'workspace' ? { stop: later.after } : { rest: later.after };
}

/** The place will not have it: whoever asked gets it as a direct message, else it is kept, and said. */
async function nobodyHasIt(sending: Sending, row: DueCard, says: string, blind: boolean): Promise<Looked> {
  const { db, log } = sending;
  const instead = insteadOf(row.channel, row.place);
  if (instead !== undefined) {
    const moved = await db.query(
      `update cards c set channel = $2, says = $3, blind = $4, attempted = null, tries = 0, looked = 0, not_before = null, message_id = null, stands_in = null, shown_as = null
       where id = $1 and not exists (select 1 from cards d where d.thing_kind = c.thing_kind and d.thing_id = c.thing_id and d.platform = c.platform and d.channel = $2)
       returning id`,
      [row.id, instead, says, blind],
    );
    if (moved.length === 0) {
      await db.query(
        `update cards set wanted_rev = wanted_rev + 1, asked = asked + 1, final = $5, inbox_id = $6, place = $7
         where thing_kind = $1 and thing_id = $2 and platform = $3 and channel = $4`,
        [row.thing_kind, row.thing_id, sending.messenger.platform, instead, row.final, row.inbox_id, toJsonb(row.place)],
      );
      await db.query(`delete from cards where id = $1`, [row.id]);
    }
    sending.wake();
    return { rest: 0 };
  }
  log.warn({ card: row.id, thing: `${row.thing_kind} ${row.thing_id}`, channel: row.channel, says }, 'a card reached nobody');
  await showed(sending, row, `attempted = null, says = $2, not_before = now() + make_interval(secs => ${UNWANTED / 1000})`, [says]);
  return { rest: 0 };
}

async function note({ db }: Sending, row: DueCard, set: string, values: unknown[]): Promise<void> {
  await db.query(`update cards set ${set} where id = $1`, [row.id, ...values]);
}

/** It was shown as it was when it was rendered; what changed meanwhile is wanted still. */
async function showed({ db }: Sending, row: DueCard, set: string, values: unknown[]): Promise<void> {
  await db.tx(async (tx) => {
    await tx.query(`update cards set ${set}${set && ','} shown_rev = greatest(shown_rev, $${values.length + 2}) where id = $1`, [
      row.id,
      ...values,
      row.wanted_rev,
    ]);
    if (row.final && row.inbox_id !== null) await tx.notify('shown', `line:${row.inbox_id}`);
  });
}
