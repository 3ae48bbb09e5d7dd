import { reachedBy } from '../../deliver/reaches.ts';
import { type Asked, answerersOf } from '../../escalation/answerers.ts';
import { nextAsked } from '../../escalation/foresee.ts';
import { rosterOf } from '../../escalation/roster.ts';
import type { Standing } from '../../escalation/standing.ts';
import { loadStanding } from '../../oncall/standing.ts';
import { pageNow, triedInRound } from '../../paging/look.ts';
import { missedNow } from '../../paging/missed.ts';
import { grouped, type PageRow } from '../../paging/rows.ts';
import type { Queries } from '../../store/db.ts';
import type { BoardWorld } from './read.ts';

/** A page nobody has, or that somebody has and that may ask again. */
export interface BoardPage {
  id: string;
  text: string;
  urgency: string;
  whom: string;
  about: string | null;
  opened: Date;
  /** Who has it. */
  with: string | null;
  until: Date | null;
  /** Whom it asks now. */
  asked: string[];
  /** Whom it asks then, as things stand. */
  next: { at: number; people: string[] } | undefined;
}

/** Who is asked first for a service, and who stands behind. */
export interface BoardDuty {
  service: string;
  first: Asked | undefined;
  behind: Asked[];
}

/** Pages and services that get a line. */
const MOST_PAGES = 20;
const MOST_SERVICES = 60;

/** Open pages with whom they ask next, and who is on call. */
export async function readPeople(world: BoardWorld, now: number): Promise<{ pages: BoardPage[]; openPages: number; duties: BoardDuty[] }> {
  const { db } = world;
  const standing = await loadStanding(db, world);
  const rows = await db.query<PageRow & { due: Date | null }>(
    `select p.*, t.due from pages p left join timers t on t.kind = 'page' and t.ref = p.id where p.state in ('open', 'acked')
     order by array_position(array['open', 'acked'], p.state), array_position(array['critical', 'high', 'low'], p.urgency), p.opened limit ${MOST_PAGES}`,
  );
  const [count] = await db.query<{ pages: number }>(`select count(*)::int as pages from pages where state in ('open', 'acked')`);
  return {
    pages: await withNext(db, world, standing, rows),
    openPages: count?.pages ?? rows.length,
    duties: [...standing.services.values()].slice(0, MOST_SERVICES).map(({ name }) => {
      const [first, ...behind] = answerersOf({ service: name }, standing, now).ask;
      return { service: name, first, behind };
    }),
  };
}

async function withNext(db: Queries, world: BoardWorld, standing: Standing, rows: readonly (PageRow & { due: Date | null })[]): Promise<BoardPage[]> {
  const begun = rows.filter((row) => row.policy !== null) as (PageRow & { policy: NonNullable<PageRow['policy']>; due: Date | null })[];
  const tried = await triedInRound(db, begun);
  const missed = await missedNow(db);
  const reaches = reachedBy(world.config(), world.simulated);
  const people = new Map(world.people().map((person) => [person.name, reaches(person)]));
  const roster = rosterOf(standing);
  const asked = grouped(await askedIn(db, begun), ({ page }) => page);
  return rows.map((row) => {
    const page = begun.find(({ id }) => id === row.id);
    const at = row.due?.getTime();
    const next =
      page && at !== undefined
        ? nextAsked(pageNow(page, tried.get(row.id) ?? []), at, {
            roster,
            channels: (name) => people.get(name) ?? [],
            missed: (name) => missed.get(name)?.filter((id) => id !== row.id).length ?? 0,
          })
        : undefined;
    return {
      id: row.id,
      text: row.text,
      urgency: row.urgency,
      whom: row.recipient?.replace(/^\w+:/, '') ?? 'everyone',
      about: row.about,
      opened: row.opened,
      with: row.state === 'acked' ? row.acked_by : null,
      until: row.state === 'acked' ? row.ack_ends : null,
      asked: row.state === 'acked' ? [] : [...new Set((asked.get(row.id) ?? []).map(({ person }) => person))],
      next,
    };
  });
}

/** Of the step the page is in. */
const askedIn = (db: Queries, pages: readonly PageRow[]): Promise<{ page: string; person: string }[]> =>
  db.query(
    `select distinct a.page, a.person from page_attempts a join pages p on p.id = a.page and p.round = a.round and p.step = a.step
     where a.page = any ($1::text[]) and not a.notice and a.state <> 'called off'`,
    [pages.map(({ id }) => id)],
  );
