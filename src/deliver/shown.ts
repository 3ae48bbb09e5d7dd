import type { Card } from '../chat/card.ts';
import type { Queries } from '../store/db.ts';

/** How a thing looks now. `document` is what `--json` asked for, once it is final. */
export interface Shown {
  card: Card;
  document?: unknown;
  /** Of things that go on for long. */
  progress?: Progress;
}

/** What is told of a thing that goes on where nothing can be edited: another line when it turned, else now and then. */
export interface Progress {
  line: string;
  /** Differs when something happened that is said at once: a wave was finished, a host was lost. */
  turn: string;
  /** Differs when the line says something new. */
  state: string;
}

/** Renders one kind of thing from what is stored at the moment of sending. */
export type Renderer = (db: Queries, id: string, options: { json: boolean; final: boolean; place: { zone: string } }) => Promise<Shown>;
