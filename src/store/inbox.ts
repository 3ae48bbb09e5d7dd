import type { Place } from '../chat/command.ts';
import { channelName, FIRST, type Queries } from './db.ts';
import { toJsonb } from './json.ts';

/** A line somebody typed (or a platform's event), as it lies in the inbox. */
export interface InboxRow {
  id: string;
  platform: Place['platform'];
  eventId: string;
  actor: string;
  place: Place;
  text: string;
  rev: number;
  tries: number;
}

/** How long a process may hold a row it handles before another takes it over; wall seconds. */
const HOLD = 10;

/** Of a longer line no more is kept: it is refused for its length, and an inbox is no place for a gigabyte. */
const LONGEST = 65_536;

/** What is written of a line. */
export interface Delivered {
  platform: Place['platform'];
  eventId: string;
  actor: string;
  place: Place;
  text: string;
  /** Domain time. */
  received: number;
  /** By what its asker alone is answered, and until when (wall ms). */
  reply?: { by: unknown; until: number };
}

/** `late`: its deadline had passed when the database came to it, and nothing was written. `at`: the database's clock then. */
export type TakenIn = { id: string; at: Date } | { late: true; at: Date };

/**
 * Commits lines, each unless it is past its `deadline` by the database's clock by then: one statement for all of them, one flush to disk,
 * and nothing of it can come about later. The same event id twice is one row: the second time answers the first row's id, so that a
 * client that lost its connection asks again without doing anything twice. Answers in the order of the lines.
 */
export async function takeIn(db: Queries, lines: readonly (Delivered & { deadline?: Date })[]): Promise<TakenIn[]> {
  const sent = lines.map((line, n) => ({
    n,
    platform: line.platform,
    event_id: line.eventId,
    actor: line.actor,
    place: line.place,
    text: line.text.slice(0, LONGEST),
    received: new Date(line.received),
    reply: line.reply?.by,
    reply_until: line.reply && new Date(line.reply.until),
    deadline: line.deadline,
  }));
  for (;;) {
    const rows = await db.query<{ id: string | null; late: boolean; at: Date }>(
      `${FIRST} with sent as materialized (
         select *, coalesce(clock_timestamp() >= deadline, false) as late
         from jsonb_to_recordset($1::jsonb) as s (n int, platform text, event_id text, actor text, place jsonb, text text, received timestamptz,
                                                  reply jsonb, reply_until timestamptz, deadline timestamptz)),
       fresh as (
         insert into inbox (platform, event_id, actor, place, text, received, reply, reply_until)
         select platform, event_id, actor, place, text, received, reply, reply_until from sent where not late order by n
         on conflict (platform, event_id) do nothing returning id, platform, event_id)
       select coalesce(f.id, i.id) as id, s.late, clock_timestamp() as at, (select pg_notify($2, min(id)::text)::text from fresh having count(*) > 0) as told
       from sent s left join fresh f using (platform, event_id) left join inbox i on i.platform = s.platform and i.event_id = s.event_id order by s.n`,
      [toJsonb(sent), channelName('inbox')],
    );
    // Another connection may commit the same event while this one waits for it: the next look sees it.
    if (rows.every(({ id, late }) => id !== null || late)) return rows.map(({ id, at }) => (id === null ? { late: true, at } : { id, at }));
  }
}

/** A line that was refused for its lateness and lies there all the same is taken away, unless somebody has handled it. */
export async function withdraw(db: Queries, { platform, eventId }: Pick<Delivered, 'platform' | 'eventId'>): Promise<void> {
  await db.query(`delete from inbox where platform = $1 and event_id = $2 and state = 'taken'`, [platform, eventId]);
}

/** Whether a line lies here whose event id begins so, and which was not refused when it was handled. */
export async function liesHere(db: Queries, platform: Place['platform'], begin: string): Promise<boolean> {
  const rows = await db.query(`select 1 from inbox where platform = $1 and starts_with(event_id, $2) and outcome is distinct from 'refused' limit 1`, [
    platform,
    begin,
  ]);
  return rows.length > 0;
}

/** The database's clock. */
export async function clockOf(db: Queries): Promise<Date> {
  const [row] = await db.query<{ at: Date }>(`select clock_timestamp() as at`);
  return (row as { at: Date }).at;
}

/** Takes the oldest line nobody handles; `undefined` when there is none. */
export async function claimLine(db: Queries, holder: string): Promise<InboxRow | undefined> {
  const [row] = await db.query<Record<string, unknown>>(
    `update inbox set holder = $1, held_until = now() + make_interval(secs => ${HOLD}), tries = tries + 1
     where id = (select id from inbox where state = 'taken' and (held_until is null or held_until < now())
                 order by id limit 1 for update skip locked)
     returning id, platform, event_id as "eventId", actor, place, text, rev, tries`,
    [holder],
  );
  return row as unknown as InboxRow | undefined;
}

/** Wall ms until the first line nobody has done with is free to be taken, 0 where one is; `undefined` when there is none. */
export async function untilFree(db: Queries): Promise<number | undefined> {
  const [row] = await db.query<{ ms: number | null }>(
    `select extract(epoch from min(coalesce(held_until, now())) - now())::float8 * 1000 as ms from inbox where state = 'taken'`,
  );
  return row?.ms ?? undefined;
}

/** Gives back what processes of a place held that are no more. */
export async function releaseHeldLines(db: Queries, place: string): Promise<void> {
  await db.query(`update inbox set held_until = null, holder = null where state = 'taken' and starts_with(holder, $1)`, [`${place}:`]);
}
