import type { ChannelName } from '../deliver/channel.ts';
import { isFolded } from '../escalation/storm.ts';
import type { Tx } from '../store/db.ts';
import { LATELY } from './begin.ts';
import type { Decided } from './look.ts';

/** Wall seconds the first message of a storm waits for what else there is, and each one after it. */
const GATHER = 2;
const ROLL = 30;

interface NewAttempt {
  page: string;
  nth: number;
  low: boolean;
  round: number;
  step: number;
  person: string;
  channel: ChannelName;
  /** Goes into another's message; `carries`: is that message. */
  folded?: true;
  carrier?: string | null;
  carries?: true;
}

/** Writes the tries of many pages, numbered in their pages, the first page of a service before its 300th, and wakes whoever sends. */
export async function putAttempts(tx: Tx, decided: readonly Decided[], now: number): Promise<void> {
  const all = decided.flatMap(({ page, next }): NewAttempt[] =>
    next.attempts.map((one) => ({ page: page.id, nth: page.nth, low: page.urgency === 'low', ...one })),
  );
  if (all.length === 0) return;
  await fold(tx, decided, all, now);
  const alone = all.filter(({ folded }) => !folded);
  const carriers = all.filter(({ carries }) => carries);
  const ids = await insert(tx, [...alone, ...carriers], now);
  if (carriers.length > 0) {
    const made = ids.slice(alone.length);
    await tx.query(`update page_attempts set carrier = id where id = any ($1::bigint[])`, [made]);
    const byPlace = new Map(carriers.map((one, n) => [placeOf(one), made[n] as string]));
    for (const one of all) if (one.folded && !one.carries) one.carrier ??= byPlace.get(placeOf(one)) ?? null;
  }
  await insert(
    tx,
    all.filter(({ folded, carries }) => folded && !carries),
    now,
  );
  await tx.notify('attempts');
}

const placeOf = ({ person, channel }: Pick<NewAttempt, 'person' | 'channel'>): string => `${channel} ${person}`;

/** Says of each whether it goes by itself, in the message of another that waits already, or carries what follows. */
async function fold(tx: Tx, decided: readonly Decided[], all: NewAttempt[], now: number): Promise<void> {
  const people = [...new Set(all.map(({ person }) => person))];
  const urgency = new Map(decided.map(({ page }) => [page.id, page.urgency]));
  const own = new Map(
    (
      await tx.query<{ person: string; channel: ChannelName; own: number }>(
        `select person, channel, count(*)::int as own from page_attempts
         where person = any ($1::text[]) and due > $2 and not notice and state <> 'carried' group by person, channel`,
        [people, new Date(now - LATELY)],
      )
    ).map((row) => [placeOf(row), row.own]),
  );
  const low = new Map<string, number>();
  for (const one of all) if (one.low) low.set(placeOf(one), (low.get(placeOf(one)) ?? 0) + 1);
  for (const one of all) {
    const place = placeOf(one);
    const sent = own.get(place) ?? 0;
    if (isFolded({ urgency: urgency.get(one.page) ?? 'high', nth: one.nth, own: sent }, { low: low.get(place) ?? 0 })) one.folded = true;
    else own.set(place, sent + 1);
  }
  const folded = all.filter((one) => one.folded);
  if (folded.length === 0) return;
  const waiting = new Map(
    (
      await tx.query<{ id: string; person: string; channel: ChannelName }>(
        `select id, person, channel from page_attempts where carrier = id and state = 'waiting' and tries = 0 and person = any ($1::text[]) order by id for update skip locked`,
        [people],
      )
    ).map((row) => [placeOf(row), row.id]),
  );
  const carried = new Set<string>();
  for (const one of folded) {
    const place = placeOf(one);
    const carrier = waiting.get(place);
    if (carrier !== undefined) one.carrier = carrier;
    else if (!carried.has(place)) {
      one.carries = true;
      carried.add(place);
    }
  }
}

/** Answers their ids in the order given. */
async function insert(tx: Tx, attempts: readonly NewAttempt[], now: number): Promise<string[]> {
  if (attempts.length === 0) return [];
  const rows = await tx.query<{ id: string; position: number }>(
    `with new as (
       select *, (row_number() over (partition by page order by position))::int as nth_here from jsonb_to_recordset($1::jsonb)
         as new (position int, page text, round int, step int, person text, channel text, rank int, state text, carrier bigint, low boolean, carries boolean)),
     numbered as (select new.*, coalesce((select max(n) from page_attempts a where a.page = new.page), 0) + nth_here as n from new),
     put as (
       insert into page_attempts (page, n, round, step, person, channel, due, rank, state, carrier, wall_not_before)
       select page, n, round, step, person, channel, $2, rank, state, carrier,
              case when carries and not low then now() + make_interval(secs => case when exists (
                select 1 from page_attempts before where before.person = numbered.person and before.channel = numbered.channel and before.carrier = before.id and before.due > $3
              ) then ${ROLL} else ${GATHER} end) end
       from numbered order by position returning id, page, n)
     select put.id, numbered.position from put join numbered using (page, n) order by numbered.position`,
    [
      JSON.stringify(
        attempts.map(({ page, round, step, person, channel, nth, folded, carries, carrier, low }, position) => ({
          ...{ position, page, round, step, person, channel, low },
          rank: nth,
          state: folded && !carries ? 'carried' : 'waiting',
          carrier: carrier ?? null,
          carries: carries === true,
        })),
      ),
      new Date(now),
      new Date(now - LATELY),
    ],
  );
  return rows.map(({ id }) => id);
}
