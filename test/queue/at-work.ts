import { onTestFinished } from 'vitest';
import { openQueue } from '../../src/queue/open.ts';
import type { WorkQueue } from '../../src/queue/queue.ts';
import { runReconcile } from '../../src/queue/reconcile.ts';
import { runRelay } from '../../src/queue/relay.ts';
import { NoLongerOurs, runWorker } from '../../src/queue/worker.ts';
import type { Store } from '../../src/store/db.ts';
import { openDb } from '../../src/store/open.ts';
import { finishWork, putOut } from '../../src/store/outbox.ts';
import { kept } from '../store/quiet.ts';

export interface AtWork {
  db: Store;
  queue: WorkQueue;
  log: ReturnType<typeof kept>;
  /** Commits work, as a command does before it is acknowledged. */
  put(refs: string[]): Promise<void>;
  /** Work that is taken is held in hand until `go`. */
  hold(): { go(): void };
  /** Every effect in the order it was written; one that happened twice is here twice. */
  written(): Promise<string[]>;
  /** How many rows are in each state. */
  states(): Promise<Record<string, number>>;
  /** Wall time passes the leases by, and reconcile looks at once. */
  leasesEnd(): Promise<void>;
  /** Puts out one piece after the other until one that was put out after the call is done; wall ms. */
  untilItGoesOn(): Promise<number>;
}

/** Outbox, relay, worker and reconcile as main.ts puts them together, on a store in memory and the given Redis, until the test ends. */
export async function atWork(redisUrl: string): Promise<AtWork> {
  const log = kept();
  const db = await openDb({ memory: true, log });
  await db.query('create table written (n serial, ref text)');
  const queue = await openQueue({ db, redisUrl, log });
  let held: Promise<void> | undefined;
  const worker = await runWorker({
    db,
    queue,
    holder: 'A:1',
    concurrency: 4,
    log,
    handlers: {
      async reading(row) {
        await held;
        await db.tx(async (tx) => {
          await tx.query('insert into written (ref) values ($1)', [row.ref]);
          if (!(await finishWork(tx, row, 'done'))) throw new NoLongerOurs();
        });
      },
    },
  });
  const relay = await runRelay({ db, queue, log });
  const reconcile = (first?: number) => runReconcile({ db, queue, log, looked: () => relay.wake(), ...(first !== undefined && { first }) });
  let looking = reconcile();
  onTestFinished(async () => {
    looking.close();
    await relay.close();
    worker.close();
    await queue.close();
    await db.close();
  });
  let tried = 0;
  const written = async () => (await db.query<{ ref: string }>('select ref from written order by n')).map(({ ref }) => ref);
  const put = (refs: string[]): Promise<void> => db.tx((tx) => putOut(tx, 'reading', refs));
  return {
    db,
    queue,
    log,
    put,
    hold() {
      let go = (): void => {};
      held = new Promise((resolve) => (go = resolve));
      return { go };
    },
    written,
    async states() {
      const rows = await db.query<{ state: string; n: number }>('select state, count(*)::int as n from outbox group by state');
      return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
    },
    async leasesEnd() {
      await db.query(`update outbox set lease_until = now() - interval '1 second' where state in ('queued', 'started')`);
      looking.close();
      looking = reconcile(0);
    },
    async untilItGoesOn() {
      const began = performance.now();
      const before = tried;
      for (;;) {
        await put([`probe ${++tried}`]);
        await new Promise((next) => setTimeout(next, 50));
        const probes = (await written()).filter((ref) => ref.startsWith('probe ')).map((ref) => Number(ref.slice(6)));
        if (probes.some((n) => n > before)) return performance.now() - began;
        if (performance.now() - began > 30_000) throw new Error(`nothing went on for 30 s: ${JSON.stringify(log.said.slice(-5))}`);
      }
    },
  };
}
