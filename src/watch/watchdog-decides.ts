import type { Watchdog } from '../config/watch.ts';

/** What one look at another Holdfast found. */
export type Seen = { well: true } | { well: false; because: string };

/** What the watchdog keeps in mind; wall ms. */
export interface Minded {
  /** Since when it was not seen well. */
  since?: number;
  /** When people were paged last about it. */
  paged?: number;
}

/** `gone`: page now. `again`: nobody has mended it. `back`: those who were paged are told so. */
export type Next = { mind: Minded; say: 'nothing' | 'gone' | 'again' | 'back'; because: string };

/** Pure: a blink is borne for `after`, then people are paged, and again every `again` until it is seen well. */
export function watchdogDecides(mind: Minded, seen: Seen, now: number, { after, again }: Pick<Watchdog, 'after' | 'again'>): Next {
  if (seen.well) return { mind: {}, say: mind.paged === undefined ? 'nothing' : 'back', because: 'it answers and is well' };
  const since = mind.since ?? now;
  const { because } = seen;
  if (mind.paged !== undefined && now - mind.paged < again) return { mind: { since, paged: mind.paged }, say: 'nothing', because };
  if (mind.paged === undefined && now - since < after) return { mind: { since }, say: 'nothing', because };
  return { mind: { since, paged: now }, say: mind.paged === undefined ? 'gone' : 'again', because };
}
