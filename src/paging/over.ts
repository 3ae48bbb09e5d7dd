import type { Queries } from '../store/db.ts';
import type { PageRow } from './rows.ts';

/**
 * Of these pages, those about something that is over, in words: nobody has to be woken for a run that goes on. What a page about a host or an
 * alert waits for is told by whoever watches it (`resolvePages`).
 */
export async function overNow(db: Queries, pages: readonly Pick<PageRow, 'id' | 'about' | 'more'>[]): Promise<Map<string, string>> {
  const about = [...new Set(pages.flatMap((page) => (/^(?:INC-|[RHE])\d+$/.test(page.about ?? '') ? [page.about as string] : [])))];
  if (about.length === 0) return new Map();
  const rows = await db.query<{ id: string; says: string }>(
    `select id, id || ' is ' || state as says from runs where id = any ($1::text[]) and state not in ('planned', 'running', 'halted')
     union all select id, id || ' has ended' from holds where id = any ($1::text[]) and state = 'ended'
     union all select id, id || ' is no longer in force' from rules where id = any ($1::text[]) and state <> 'open'
     union all select id, id || ' is ' || state from incidents where id = any ($1::text[]) and state in ('resolved', 'postmortem', 'merged')`,
    [about],
  );
  const says = new Map(rows.map((row) => [row.id, row.says]));
  const go = await haltsOver(
    db,
    pages.flatMap((page) => (page.more?.halt && page.about !== null ? [page.about] : [])),
  );
  return new Map(
    pages.flatMap(({ id, about: thing, more }): [string, string][] => {
      const over = thing === null ? undefined : (says.get(thing) ?? (more?.halt ? go.get(thing) : undefined));
      return over === undefined ? [] : [[id, over]];
    }),
  );
}

/** Incidents of which no run is halted any more: whoever was asked about a halt was. What else is asked about them goes on. */
async function haltsOver(db: Queries, incidents: readonly string[]): Promise<Map<string, string>> {
  if (incidents.length === 0) return new Map();
  const rows = await db.query<{ id: string; says: string }>(
    `select incident as id, min(id || case state when 'running' then ' goes on' else ' is ' || state end) as says from runs
     where incident = any ($1::text[]) group by incident having bool_and(state <> 'halted')`,
    [incidents],
  );
  return new Map(rows.map(({ id, says }) => [id, says]));
}
