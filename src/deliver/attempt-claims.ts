import type { Queries } from '../store/db.ts';
import type { Attempt } from './attempt.ts';

/** An attempt in this process' hands. */
export interface Claimed extends Attempt {
  /** A provider was asked before and nobody knows whether it took it. */
  unsure: boolean;
}

/** A channel with free places, and the people who have theirs taken. */
export interface Room {
  channel: string;
  free: number;
  full: string[];
}

/** Wall seconds. Renewed while it is in hand: what a dead process had is taken up within ten seconds. */
const LEASE = 6;
export const RENEW = 2_000;
/** Of one person by one channel, as far as the one who is claiming can see. */
export const OF_ONE_PERSON = 4;
/** Rows looked at to find others behind somebody who has many. */
const LOOKED_AT = 1_000;

/**
 * Takes what is due, the most urgent first: attempts before notices, the first page of a recipient before its next, the oldest first.
 * No person takes more than a few places of a channel, so that their trouble is theirs alone.
 */
export async function claimAttempts(db: Queries, holder: string, rooms: readonly Room[], now: number): Promise<Claimed[]> {
  if (rooms.length === 0) return [];
  return db.query<Claimed>(
    `with wanted as (
       select picked.id from jsonb_to_recordset($1::jsonb) as room (channel text, free int, "full" jsonb) cross join lateral (
         select id from (
           select id, notice, rank, row_number() over (partition by person order by notice, rank, id) as nth from (
             select id, person, notice, rank from page_attempts
             where state = 'waiting' and channel = room.channel and (wall_not_before is null or wall_not_before <= now())
               and not room."full" ? person
             order by notice, rank, id limit ${LOOKED_AT}) as due) as counted
         where nth <= ${OF_ONE_PERSON} order by notice, rank, id limit room.free) as picked),
     mine as (select id from page_attempts where id in (select id from wanted) and state = 'waiting' order by id for update skip locked)
     update page_attempts a set state = 'sending', tries = tries + 1, holder = $2, held_until = now() + make_interval(secs => ${LEASE}),
            attempted = coalesce(attempted, $3), wall_not_before = null
     from mine where a.id = mine.id
     returning a.id, a.page, a.n, a.round, a.step, a.person, a.channel, a.due, a.notice, a.tries, a.unsure`,
    [JSON.stringify(rooms), holder, new Date(now)],
  );
}

export async function renewAttempts(db: Queries, holder: string, ids: readonly string[]): Promise<void> {
  await db.query(
    `update page_attempts set held_until = now() + make_interval(secs => ${LEASE}) where id = any ($1::bigint[]) and holder = $2 and state = 'sending'`,
    [ids, holder],
  );
}

/** What a process had in hand that is no more: it may have been sent, so it is looked up where that can be done. */
export async function takeOverAttempts(db: Queries): Promise<number> {
  const rows = await db.query(
    `update page_attempts set state = 'waiting', unsure = true, holder = null where state = 'sending' and held_until < now() returning id`,
  );
  return rows.length;
}

/** At a start: nobody waits for the leases of a dead process of this place. */
export async function reclaimAttempts(db: Queries, place: string): Promise<void> {
  await db.query(`update page_attempts set state = 'waiting', unsure = true, holder = null where state = 'sending' and starts_with(holder, $1)`, [`${place}:`]);
}

/** Wall ms until something can be claimed or taken over, `undefined` when nothing is known that will. */
export async function untilAttempt(db: Queries, channels: readonly string[]): Promise<number | undefined> {
  const [row] = await db.query<{ ms: number | null }>(
    `select extract(epoch from least(
       (select min(wall_not_before) from page_attempts where state = 'waiting' and channel = any ($1)),
       (select min(held_until) from page_attempts where state = 'sending')) - now())::float8 * 1000 as ms`,
    [channels],
  );
  return row?.ms === null || row === undefined ? undefined : Math.max(0, row.ms);
}
