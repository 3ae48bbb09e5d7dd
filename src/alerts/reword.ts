import { grouped as groupedBy } from '../paging/rows.ts';
import { touchPages } from '../paging/touch.ts';
import type { Tx } from '../store/db.ts';
import { toJsonb } from '../store/json.ts';
import { isOfParent } from './group.ts';
import type { AlertRow } from './rows.ts';
import { sayAlerts } from './say.ts';

/** Pages about alerts say what burns now: how many, and which. */
export async function rewordPages(tx: Tx, pages: readonly string[]): Promise<void> {
  if (pages.length === 0) return;
  const rows = await tx.query<AlertRow & { page: string; grouped: string }>(
    `select id, summary, hosts, service, page, grouped from alerts where page = any ($1::text[]) and state = 'firing' and grouped is not null order by id`,
    [pages],
  );
  const texts = [...groupedBy(rows, ({ page }) => page)].map(([id, alerts]) => {
    const key = alerts[0]?.grouped ?? '';
    return { id, text: sayAlerts(alerts, isOfParent(key) ? key.slice('parent:'.length) : undefined) };
  });
  await tx.query(
    `update pages p set text = said.text, rev = p.rev + 1 from jsonb_to_recordset($1::jsonb) as said (id text, text text) where p.id = said.id and p.text <> said.text`,
    [toJsonb(texts)],
  );
  await touchPages(tx, pages);
}
