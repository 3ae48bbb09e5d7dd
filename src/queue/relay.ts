import { crashPoint } from '../lib/crash.ts';
import type { Log } from '../ops.ts';
import type { Db } from '../store/db.ts';
import { markQueued, unqueued } from '../store/outbox.ts';
import type { WorkQueue } from './queue.ts';

const BATCH = 200;
/** Wall ms. No event tells that a full queue has room again, or that a copy has taken over. */
const AGAIN = 1000;

/**
 * Moves outbox rows into the queue, then marks them. Between the two a crash queues a row twice: the conditional update
 * of the handler lets only one through. Woken by NOTIFY, and by the clock only after a failure; reconcile covers what was lost.
 */
export async function runRelay(options: { db: Db; queue: WorkQueue; log: Log }): Promise<{ wake(): void; close(): Promise<void>; busy(): boolean }> {
  const { db, queue, log } = options;
  let closed = false;
  let again = false;
  let running: Promise<void> | undefined;
  let failing = false;
  let retry: NodeJS.Timeout | undefined;

  const wake = (): void => {
    again = true;
    if (closed) return;
    running ??= move().finally(() => {
      running = undefined;
      if (again && !closed) wake();
    });
  };
  const move = async (): Promise<void> => {
    while (again && !closed) {
      again = false;
      try {
        const rows = await unqueued(db, BATCH);
        if (rows.length === 0) continue;
        crashPoint('relay.read');
        await queue.add(rows.map(({ id, kind, rev, tries }) => ({ id: `${id}-${rev}-${tries}`, data: { kind, ref: id, rev } })));
        crashPoint('relay.queued');
        await markQueued(db, rows);
        crashPoint('relay.marked');
        if (rows.length === BATCH) again = true;
        failing = false;
      } catch (error) {
        if (closed) continue;
        if (!failing) log.warn({ err: error }, 'work could not be queued; it is tried again every second');
        failing = true;
        clearTimeout(retry);
        retry = setTimeout(wake, AGAIN);
      }
    }
  };

  const unlisten = await db.listen('outbox', wake);
  wake();
  return {
    wake,
    busy: () => running !== undefined,
    async close() {
      closed = true;
      clearTimeout(retry);
      await unlisten();
      await running;
    },
  };
}
