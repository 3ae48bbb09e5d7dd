import { Refusal } from '../lib/refusal.ts';
import { hostTable } from '../runs/host-table.ts';
import { loadRun } from '../runs/load.ts';
import { runDocument, type ShowWorld, shownRun } from '../runs/show.ts';
import type { Queries } from '../store/db.ts';
import type { Listed } from './listed.ts';

/** `show R1`; with `whole` every host of it on its own line. Throws Refusal where there is none. */
export async function runListed(db: Queries, world: ShowWorld, id: string, { zone, whole }: { zone: string; whole: boolean }): Promise<Listed> {
  const view = await loadRun(db, id);
  if (!view) throw new Refusal(`There is no ${id}. "show runs" lists what there is.`);
  const { card } = await shownRun(db, world, view, zone);
  const document = await runDocument(db, view);
  return {
    card: whole ? { ...card, attachment: { name: `${id}.tsv`, text: hostTable(document.hosts, view.plan) } } : card,
    json: { ...document },
  };
}
