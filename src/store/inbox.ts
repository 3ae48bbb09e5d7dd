import type { Place } from '../chat/command.ts';
import type { Db, Queries } from './db.ts';
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

/**
 * Commits the line. Only after this may it be acknowledged. The same event id twice is one row: the second time answers
 * the first row's id, so that a client that lost its connection asks again without doing anything twice.
 */
export async function takeIn(
  db: Db,
  line: { platform: Place['platform']; eventId: string; actor: string; place: Place; text: string; received: number },
): Promise<string> {
  return db.tx(async (tx) => {
    const [fresh] = await tx.query<{ id: string }>(
      `insert into inbox (platform, event_id, actor, place, text, received)
       values ($1, $2, $3, $4, $5, $6) on conflict (platform, event_id) do nothing returning id`,
      [line.platform, line.eventId, line.actor, toJsonb(line.place), toText(line.text.slice(0, LONGEST)), new Date(line.received)],
    );
    if (fresh) {
      await tx.notify('inbox', fresh.id);
      return fresh.id;
    }
    const [known] = await tx.query<{ id: string }>(`select id from inbox where platform = $1 and event_id = $2`, [line.platform, line.eventId]);
    return (known as { id: string }).id;
  });
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
