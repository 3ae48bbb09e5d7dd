import { crashPoint } from '../lib/crash.ts';
import { errorId } from '../lib/ids.ts';
import type { Log } from '../ops.ts';
import type { Db } from '../store/db.ts';
import { type OutboxRow, renewLeases, startWork } from '../store/outbox.ts';
import type { WorkQueue } from './queue.ts';

/** Does one kind of work. Its last transaction contains `finishWork`; throws `NoLongerOurs` when that answers false. */
export type WorkHandler = (row: OutboxRow) => Promise<void>;

/** Another process took the row over while this one was away; nothing of this one's work counts. */
export class NoLongerOurs extends Error {}

/** Wall ms; a third of the lease in outbox.ts. */
const RENEW = 3000;

/** Takes work from the queue while the process lives. Leases are renewed by one statement for all that is in hand. */
export async function runWorker(options: {
  db: Db;
  queue: WorkQueue;
  holder: string;
  concurrency: number;
  handlers: Record<string, WorkHandler>;
  log: Log;
}): Promise<{ busy(): boolean; close(): void }> {
  const { db, queue, holder, handlers, log } = options;
  let inHand = 0;
  let renewing: NodeJS.Timeout | undefined;
  const hold = (change: 1 | -1): void => {
    inHand += change;
    if (inHand > 0) renewing ??= setInterval(() => renewLeases(db, holder).catch(() => undefined), RENEW);
    else {
      clearInterval(renewing);
      renewing = undefined;
    }
  };
  await queue.work(
    async (item) => {
      const row = await startWork(db, item.ref, item.rev, holder);
      if (!row) return;
      crashPoint('work.claimed');
      hold(1);
      try {
        const handler = handlers[row.kind];
        if (!handler) throw new Error(`no handler for work of kind ${row.kind}`);
        await handler(row);
      } catch (error) {
        // Left as started: its lease ends unrenewed and reconcile hands it to whoever lives, at most a few times.
        if (!(error instanceof NoLongerOurs)) log.error({ err: error, id: errorId(), work: row.ref }, 'work failed and will be tried again');
      } finally {
        hold(-1);
      }
    },
    { concurrency: options.concurrency },
  );
  return { busy: () => inHand > 0, close: () => clearInterval(renewing) };
}
