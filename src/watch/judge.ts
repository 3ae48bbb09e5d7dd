import { sayDuration } from '../lib/duration.ts';
import type { Measured } from './measure.ts';

/** Whether Holdfast would do what is asked of it, and why not. */
export type Judged = { well: true } | { well: false; because: string[] };

/** Wall ms a connection may be gone before that is somebody's business: a platform's own reconnects take less. */
const GONE = 60_000;

const WORDS: Record<keyof Measured['waits'], string> = { lines: 'typed lines', work: 'pieces of work', messages: 'messages to chat', pages: 'tries to page' };

/** Pure. `bounds`: wall ms. */
export function judge({ late, waits, connections }: Measured, wall: number, bounds: { late: number; stuck: number }): Judged {
  const because = [
    ...(late.pages > bounds.late ? [`pages are ${sayDuration(late.pages)} late`] : []),
    ...(late.timers > bounds.late ? [`timers are ${sayDuration(late.timers)} late`] : []),
    // Tries of pages wait by their own back-off: their next channel was begun. What was never tried is late, above.
    ...(['lines', 'work', 'messages'] as const)
      .filter((what) => waits[what].oldest > bounds.stuck)
      .map((what) => `${waits[what].rows} ${WORDS[what]} wait, the oldest for ${sayDuration(waits[what].oldest)}`),
    ...connections
      // Heartbeats are sent only while all is well: one that was refused once could never be ok again.
      .filter(({ platform, ok, since }) => platform !== 'heartbeat' && !ok && wall - since > GONE)
      .map(({ name, since, says }) => `${name} is gone for ${sayDuration(wall - since)}: ${says}`),
  ];
  return because.length === 0 ? { well: true } : { well: false, because };
}
