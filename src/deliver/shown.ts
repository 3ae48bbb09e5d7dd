import type { Card } from '../chat/card.ts';
import type { Queries } from '../store/db.ts';

/** How a thing looks now. `document` is what `--json` asked for, once it is final. */
export interface Shown {
  card: Card;
  document?: unknown;
}

/** Renders one kind of thing from what is stored at the moment of sending. */
export type Renderer = (db: Queries, id: string, options: { json: boolean; final: boolean; place: { zone: string } }) => Promise<Shown>;
