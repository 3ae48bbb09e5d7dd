import type { Tx } from '../store/db.ts';

/** Whatever shows these pages shows them as they are now. */
export async function touchPages(tx: Tx, pages: readonly string[]): Promise<void> {
  if (pages.length === 0) return;
  const touched = await tx.query(`update cards set wanted_rev = wanted_rev + 1 where thing_kind = 'page' and thing_id = any ($1::text[]) returning id`, [
    pages,
  ]);
  if (touched.length > 0) await tx.notify('shown', 'page');
}
