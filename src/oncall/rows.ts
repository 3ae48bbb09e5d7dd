import type { Cover } from '../escalation/standing.ts';
import type { Tx } from '../store/db.ts';
import { record } from '../store/events.ts';

/** Who was away and who covered for whom is the life of one thing, in the order said. */
export const ONCALL = 'oncall';

interface Said {
  by: string;
  /** Domain ms. */
  at: number;
}

/** Takes somebody out until a moment, or until they say that they are back; what was said before of the same is over. */
export async function goAway(tx: Tx, away: { person: string; until?: number; because?: string }, { by, at }: Said): Promise<void> {
  const { person, until, because } = away;
  await tx.query(`update aways set ended = $2, ended_by = $3 where person = $1 and ended is null`, [person, new Date(at), by]);
  await tx.query(`insert into aways (person, begun, until, because, by) values ($1, $2, $3, $4, $5)`, [
    person,
    new Date(at),
    until === undefined ? null : new Date(until),
    because ?? null,
    by,
  ]);
  await record(tx, { thing: ONCALL, type: 'away', data: { person, until: until === undefined ? null : new Date(until).toISOString(), because }, by, at });
}

/** They are asked again: what was said of being away is over, and so is what was presumed, and covers of them by others. */
export async function comeBack(tx: Tx, person: string, { by, at }: Said): Promise<{ wasAway: boolean; covered: string[] }> {
  const now = new Date(at);
  const away = await tx.query(`update aways set ended = $2, ended_by = $3 where person = $1 and ended is null and (until is null or until > $2) returning id`, [
    person,
    now,
    by,
  ]);
  const presumed = await tx.query(`update page_people set missed = '[]', answered = $2 where person = $1 and missed <> '[]' returning person`, [person, now]);
  const covers = await tx.query<{ person: string }>(
    `update covers set ended = $2, ended_by = $3 where of = $1 and ended is null and begun <= $2 and until > $2 returning person`,
    [`person:${person}`, now, by],
  );
  const covered = [...new Set(covers.map((cover) => cover.person))];
  await record(tx, { thing: ONCALL, type: 'back', data: { person, covered }, by, at });
  return { wasAway: away.length + presumed.length > 0, covered };
}

/** Somebody stands in; an open cover by them of the same is replaced. */
export async function takeCover(tx: Tx, cover: Cover, { by, at }: Said): Promise<void> {
  const of = sayOf(cover.for);
  await endCover(tx, cover, { by, at });
  await tx.query(`insert into covers (person, of, begun, until, by) values ($1, $2, $3, $4, $5)`, [
    cover.by,
    of,
    new Date(cover.from),
    new Date(cover.until),
    by,
  ]);
  const { from, until } = cover;
  await record(tx, {
    thing: ONCALL,
    type: 'cover',
    data: { person: cover.by, of, from: new Date(from).toISOString(), until: new Date(until).toISOString() },
    by,
    at,
  });
}

/** Whether there was one. */
export async function endCover(tx: Tx, cover: Pick<Cover, 'by' | 'for'>, { by, at }: Said): Promise<boolean> {
  const ended = await tx.query(`update covers set ended = $3, ended_by = $4 where person = $1 and of = $2 and ended is null and until > $3 returning id`, [
    cover.by,
    sayOf(cover.for),
    new Date(at),
    by,
  ]);
  if (ended.length > 0) await record(tx, { thing: ONCALL, type: 'cover ended', data: { person: cover.by, of: sayOf(cover.for) }, by, at });
  return ended.length > 0;
}

/** `person:ada` */
const sayOf = (of: Cover['for']): string => (Object.entries(of)[0] as [string, string]).join(':');
