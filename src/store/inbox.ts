import type { Place } from '../chat/command.ts';
import { channelName, type Queries } from './db.ts';
import { toJsonb, toText } from './json.ts';

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
 * Commits the line, unless it is past `deadline` by the database's clock by then: one statement, so that nothing of it can come
 * about later. The same event id twice is one row: the second time answers the first row's id, so that a client that lost its
 * connection asks again without doing anything twice.
 */
export async function takeIn(db: Queries, line: Delivered, deadline?: Date): Promise<TakenIn> {
  for (;;) {
    const [row] = await db.query<{ fresh: string | null; known: string | null; late: boolean; at: Date }>(
      `with fresh as (
         insert into inbox (platform, event_id, actor, place, text, received, reply, reply_until)
         select $1, $2, $3, $4::jsonb, $5, $6::timestamptz, $7::jsonb, $8::timestamptz where $9::timestamptz is null or clock_timestamp() < $9::timestamptz
         on conflict (platform, event_id) do nothing returning id)
       select (select id from fresh) as fresh, (select pg_notify($10, id::text)::text from fresh) as told,
              (select id from inbox where platform = $1 and event_id = $2) as known,
              coalesce(clock_timestamp() >= $9::timestamptz, false) as late, clock_timestamp() as at`,
      [
        line.platform,
        line.eventId,
        line.actor,
        toJsonb(line.place),
        toText(line.text.slice(0, LONGEST)),
        new Date(line.received),
        line.reply ? toJsonb(line.reply.by ?? null) : null,
        line.reply ? new Date(line.reply.until) : null,
        deadline ?? null,
        channelName('inbox'),
      ],
    );
    const { fresh, known, late, at } = row as { fresh: string | null; known: string | null; late: boolean; at: Date };
    const id = fresh ?? known;
    if (id !== null) return { id, at };
    if (late) return { late: true, at };
    // Another connection committed the same event while this one waited for it: the next look sees it.
  }
}

/** A line that was refused for its lateness and lies there all the same is taken away, unless somebody has handled it. */
export async function withdraw(db: Queries, { platform, eventId }: Pick<Delivered, 'platform' | 'eventId'>): Promise<void> {
  await db.query(`delete from inbox where platform = $1 and event_id = $2 and state = 'taken'`, [platform, eventId]);
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

/** Wall ms until the first held line is free to be taken over; `undefined` when none is held. */
export async function untilFree(db: Queries): Promise<number | undefined> {
  const [row] = await db.query<{ ms: number | null }>(
    `select extract(epoch from min(held_until) - now())::float8 * 1000 as ms from inbox where state = 'taken' and held_until is not null`,
  );
  return row?.ms ?? undefined;
}

/** Gives back what processes of a place held that are no more. */
export async function releaseHeldLines(db: Queries, place: string): Promise<void> {
  await db.query(`update inbox set held_until = null, holder = null where state = 'taken' and starts_with(holder, $1)`, [`${place}:`]);
}
