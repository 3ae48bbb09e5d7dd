import { errorId } from '../lib/ids.ts';
import type { Log } from '../ops.ts';
import type { Queries } from '../store/db.ts';
import type { Renderer, Shown } from './shown.ts';

/** A card's row, as far as it says what to show. */
export interface ThingRow {
  thing_kind: string;
  thing_id: string;
  final: boolean;
  place: { zone: string };
  json: boolean | null;
}

/** How the thing looks now. Throws what its renderer throws. */
export async function renderThing({ db, renderers }: { db: Queries; renderers: Record<string, Renderer> }, row: ThingRow): Promise<Shown> {
  const renderer = renderers[row.thing_kind];
  if (!renderer) return { card: { title: `${row.thing_kind} ${row.thing_id}: this version of Holdfast cannot show it` } };
  return renderer(db, row.thing_id, { json: row.json === true, final: row.final, place: row.place });
}

/** In place of an answer that could not be made, however often it was tried. */
export function cannotShow(log: Log, row: ThingRow, error: unknown): Shown {
  const id = errorId();
  log.error({ err: error, id, thing: `${row.thing_kind} ${row.thing_id}` }, 'an answer could not be made');
  const now = row.final ? 'ended, and something' : 'goes on, and something';
  return { card: { title: `${row.thing_kind} ${row.thing_id} ${now} of ours failed while showing it (${id}).`, tone: 'bad' } };
}
