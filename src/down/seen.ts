import type { Banner } from '../fleet/ssh/banner.ts';

/** A host that was missed, as one place sees it. Times are domain ms. */
export interface Missed {
  host: string;
  misses: number;
  well: number;
  down: boolean;
  /** How often it went down lately. */
  downs: number;
  /** When it went down last, as seen from here. */
  went?: number;
  /** The first of the misses. */
  since: number;
  reach: Exclude<Banner['reach'], 'ok'>;
  detail: string;
}

/** Domain ms for which going down is remembered: whoever does it again is believed later and later to be well. */
const REMEMBERED = 60 * 60_000;
/** Looks in a row that find it well before it is, the first time; doubled with each time more, up to the most. */
const WELL = 2;
const MOST_WELL = 20;

/**
 * What a place knows of a host after one more look. `undefined` = nothing to keep: it is well. The same object where nothing changed that
 * matters. Down after `down.misses` in a row; up again after two looks in a row, and after more of them for one that flaps.
 */
export function afterLook(before: Missed | undefined, host: string, found: Banner, now: number, misses: number): Missed | undefined {
  if (found.reach !== 'ok') return afterMiss(before, host, found, now, misses);
  if (!before) return undefined;
  const needed = Math.min(MOST_WELL, WELL * 2 ** Math.max(0, before.downs - 1));
  const well = Math.min(before.well + 1, needed);
  const forgotten = before.went === undefined || now - before.went > REMEMBERED;
  if (before.down && well < needed) return { ...before, misses: 0, well };
  if (forgotten) return undefined;
  return !before.down && before.misses === 0 ? before : { ...before, misses: 0, well, down: false };
}

function afterMiss(before: Missed | undefined, host: string, found: Exclude<Banner, { reach: 'ok' }>, now: number, most: number): Missed {
  const { reach, detail } = found;
  const first = before === undefined || before.misses === 0;
  const misses = Math.min((before?.misses ?? 0) + 1, most);
  const goes = misses >= most && before?.down !== true;
  const recent = before?.went !== undefined && now - before.went <= REMEMBERED ? before.downs : 0;
  const down = misses >= most || before?.down === true;
  const after: Missed = {
    ...{ host, misses, well: 0, down, reach, detail },
    downs: goes ? recent + 1 : (before?.downs ?? 0),
    since: first && !before?.down ? now : (before?.since ?? now),
    ...(goes ? { went: now } : before?.went !== undefined && { went: before.went }),
  };
  return before?.down && before.misses === most && before.reach === reach ? before : after;
}
