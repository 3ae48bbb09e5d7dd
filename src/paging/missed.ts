import type { Queries, Tx } from '../store/db.ts';
import { toJsonb } from '../store/json.ts';
import type { Decided } from './look.ts';
import { grouped } from './rows.ts';

/** Different pages in a row are kept up to so many: enough for any number of `page.presumed_away` that makes sense. */
const KEPT = 20;

/** People who left pages without an answer, and which, since they last answered any. */
export async function missedNow(db: Queries): Promise<Map<string, string[]>> {
  const rows = await db.query<{ person: string; missed: string[] }>(`select person, missed from page_people where missed <> '[]'::jsonb`);
  return new Map(rows.map(({ person, missed }) => [person, missed]));
}

/** Notes whose turn went by. The same page twice is one. */
export async function noteMissed(tx: Tx, decided: readonly Decided[]): Promise<void> {
  const missed = decided.flatMap(({ page, next }) => next.missed.map((person) => ({ person, page: page.id })));
  if (missed.length === 0) return;
  const rows = [...grouped(missed, ({ person }) => person)].map(([person, all]) => ({
    person,
    pages: [...new Set(all.map(({ page }) => page))].slice(0, KEPT),
  }));
  await tx.query(
    `insert into page_people as known (person, missed) select person, pages from jsonb_to_recordset($1::jsonb) as fresh (person text, pages jsonb) order by person
     on conflict (person) do update set missed = (select jsonb_agg(page) from (
       select distinct page from jsonb_array_elements(known.missed || excluded.missed) as page limit ${KEPT}) as kept)`,
    [toJsonb(rows)],
  );
}

/** They are there: whatever they left before counts no more. */
export async function noteAnswer(tx: Tx, person: string, at: number): Promise<void> {
  await tx.query(`insert into page_people (person, answered) values ($1, $2) on conflict (person) do update set missed = '[]', answered = excluded.answered`, [
    person,
    new Date(at),
  ]);
}
