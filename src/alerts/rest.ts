import { resolvePages, silencePages } from '../paging/end.ts';
import type { Tx } from '../store/db.ts';
import { rewordPages } from './reword.ts';
import type { AlertRow } from './rows.ts';

/** Alerts were taken off their pages (as they stood before): one of which none burns any more is over; another says what still burns. */
export async function leavePages(
  tx: Tx,
  left: readonly Pick<AlertRow, 'page' | 'grouped'>[],
  { state, because, by = 'holdfast', at }: { state: 'resolved' | 'silenced'; because: string; by?: string; at: number },
): Promise<void> {
  // A page of a run is over when the run says so.
  const pages = [...new Set(left.flatMap(({ page, grouped }) => (page === null || grouped === null ? [] : [page])))];
  if (pages.length === 0) return;
  const rows = await tx.query<{ page: string }>(`select distinct page from alerts where page = any ($1::text[]) and state = 'firing'`, [pages]);
  const burning = new Set(rows.map(({ page }) => page));
  const over = pages.filter((page) => !burning.has(page));
  const end = state === 'resolved' ? resolvePages : silencePages;
  await end(tx, { pages: over }, { because, by, at });
  await rewordPages(
    tx,
    pages.filter((page) => burning.has(page)),
  );
}
