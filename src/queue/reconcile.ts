import type { Log } from '../ops.ts';
import type { Queries } from '../store/db.ts';
import { reclaimLost } from '../store/outbox.ts';
import type { WorkQueue } from './queue.ts';

/** Wall ms. The first look comes when the leases of a crashed process have ended. */
const FIRST = 10_500;
const EVERY = 15_000;

/** Sends again what was queued or started and never finished (storage rule 6). `looked` runs after each look. */
export function runReconcile(options: {
  db: Queries;
  queue: WorkQueue;
  log: Log;
  looked: (reclaimed: number) => void;
  /** Wall ms to the first look. */
  first?: number;
}): { close(): void } {
  const { db, queue, log, looked, first = FIRST } = options;
  let timer: NodeJS.Timeout;
  let closed = false;
  const look = async (): Promise<void> => {
    try {
      // With the queue away it is not known to be empty, and everything else still has to be looked after.
      const load = await queue.state().catch(() => undefined);
      const reclaimed = await reclaimLost(db, load?.waiting === 0 && load.active === 0);
      if (reclaimed > 0) log.warn({ reclaimed }, 'work without a living worker is queued again');
      looked(reclaimed);
    } catch (error) {
      if (!closed) log.warn({ err: error }, 'could not look for unfinished work');
    }
    if (!closed) timer = setTimeout(look, EVERY);
  };
  timer = setTimeout(look, first);
  return {
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
