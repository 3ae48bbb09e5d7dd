import { crashPoint } from '../lib/crash.ts';
import { errorId } from '../lib/ids.ts';
import type { Log } from '../ops.ts';
import { meeting } from '../store/conflict.ts';
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
  const inHand = new Set<OutboxRow>();
  let renewing: NodeJS.Timeout | undefined;
  const take = (row: OutboxRow): void => {
    inHand.add(row);
    renewing ??= setInterval(() => renewLeases(db, [...inHand]).catch(() => undefined), RENEW);
  };
  const letGo = (row: OutboxRow): void => {
    inHand.delete(row);
    if (inHand.size > 0) return;
    clearInterval(renewing);
    renewing = undefined;
  };
  await queue.work(
    async (item) => {
      const handler = handlers[item.kind];
      if (!handler) {
        // Of another version, during a deploy. The row is untouched: reconcile queues it again, until one who knows it takes it.
        log.warn({ kind: item.kind, work: item.ref }, 'this version knows no work of this kind; it is left to another');
        return;
      }
      const row = await startWork(db, item.ref, item.rev, holder);
      if (!row) return;
      crashPoint('work.claimed');
      take(row);
      try {
        await meeting(() => handler(row));
      } catch (error) {
        // Left as started: its lease ends unrenewed and reconcile hands it to whoever lives, as often as the handler allows.
        if (!(error instanceof NoLongerOurs)) log.error({ err: error, id: errorId(), work: row.ref }, 'work failed and will be tried again');
      } finally {
        letGo(row);
      }
    },
    { concurrency: options.concurrency },
  );
  return { busy: () => inHand.size > 0, close: () => clearInterval(renewing) };
}
