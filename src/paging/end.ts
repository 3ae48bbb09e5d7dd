import type { Tx } from '../store/db.ts';
import { endPages } from './rest.ts';

/** Which pages: by their ids, or by what they are about. */
export type Which = { pages: readonly string[] } | { about: string };

/**
 * What these pages are about is over (an alert that resolves, a host that is back): nobody is asked any more, and everybody who was is told.
 * Answers the ids of those that were open.
 */
export const resolvePages = (tx: Tx, which: Which, said: { because: string; by: string; at: number }): Promise<string[]> => end(tx, 'resolved', which, said);

/** Somebody wants to hear no more of it for a while, by name: `pause alerts`. Whatever still burns when that ends makes a page of its own. */
export const silencePages = (tx: Tx, which: Which, said: { because: string; by: string; at: number }): Promise<string[]> => end(tx, 'silenced', which, said);

async function end(tx: Tx, state: 'resolved' | 'silenced', which: Which, { because, by, at }: { because: string; by: string; at: number }): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `select id from pages where state in ('open', 'acked') and ${'about' in which ? 'about = $1' : 'id = any ($1::text[])'} order by id for update`,
    ['about' in which ? which.about : which.pages],
  );
  await endPages(
    tx,
    rows.map(({ id }) => ({ id, state, because })),
    { by, at },
  );
  return rows.map(({ id }) => id);
}
