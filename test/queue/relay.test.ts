import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { WorkItem, WorkQueue } from '../../src/queue/queue.ts';
import { runReconcile } from '../../src/queue/reconcile.ts';
import { runRelay } from '../../src/queue/relay.ts';
import { NoLongerOurs, runWorker } from '../../src/queue/worker.ts';
import type { Store } from '../../src/store/db.ts';
import { openDb } from '../../src/store/open.ts';
import { finishWork, type OutboxRow, putOut } from '../../src/store/outbox.ts';
import { kept, quiet } from '../store/quiet.ts';

let db: Store;
beforeAll(async () => {
  db = await openDb({ memory: true, log: quiet });
  return () => db.close();
});
beforeEach(() => db.query('truncate outbox'));

/** A queue in memory that can be away. */
function queue() {
  const waiting: { id: string; data: WorkItem }[] = [];
  let handle: ((item: WorkItem, id: string) => Promise<void>) | undefined;
  let away = false;
  const asks = { add: 0, state: 0 };
  const made: WorkQueue = {
    async add(items) {
      asks.add += 1;
      if (away) throw new Error('the queue cannot be reached');
      waiting.push(...items);
      if (handle) for (const { id, data } of waiting.splice(0)) void handle(data, id);
    },
    async work(given) {
      handle = given;
    },
    async state() {
      asks.state += 1;
      if (away) throw new Error('the queue cannot be reached');
      return { waiting: waiting.length, active: 0 };
    },
    healthy: () => ({ ok: !away, says: '' }),
    async close() {},
  };
  return { made, waiting, asks, leave: (is: boolean) => (away = is) };
}
const put = (refs: string[]) => db.tx((tx) => putOut(tx, 'reading', refs));
const states = async () => (await db.query<{ state: string }>('select state from outbox order by id')).map(({ state }) => state);

describe('the relay', () => {
  test('moves what is put out at once, in batches, without looking by the clock', async () => {
    const { made, waiting, asks } = queue();
    const relay = await runRelay({ db, queue: made, log: quiet });
    await put(Array.from({ length: 450 }, (_, n) => `1/${n}`));
    await expect.poll(() => waiting.length).toBe(450);
    await expect.poll(relay.busy).toBe(false);
    expect(new Set(await states())).toEqual(new Set(['queued']));
    expect(asks.add).toBe(3);
    await relay.close();
  });

  test('tries again by itself after a refusal, and complains once', async () => {
    const { made, waiting, asks, leave } = queue();
    const log = kept();
    leave(true);
    const relay = await runRelay({ db, queue: made, log });
    await put(['1/0']);
    await expect.poll(() => asks.add, { timeout: 10_000 }).toBeGreaterThan(1);
    leave(false);
    await expect.poll(() => waiting.length, { timeout: 10_000 }).toBe(1);
    expect(log.said).toHaveLength(1);
    await relay.close();
  });

  test('with the queue away leaves everything waiting, and a wake when it is back moves it', async () => {
    const { made, waiting, leave } = queue();
    const log = kept();
    leave(true);
    const relay = await runRelay({ db, queue: made, log });
    await put(['1/0']);
    await expect.poll(() => log.said.length).toBeGreaterThan(0);
    expect(await states()).toEqual(['waiting']);
    leave(false);
    relay.wake();
    await expect.poll(() => waiting.length).toBe(1);
    await relay.close();
  });
});

describe('reconcile', () => {
  test('looks after everything else while the queue is away: lines left behind are taken up', async () => {
    const { made, leave } = queue();
    leave(true);
    let looks = 0;
    const reconcile = runReconcile({ db, queue: made, log: quiet, first: 5, looked: () => void looks++ });
    await expect.poll(() => looks).toBe(1);
    reconcile.close();
  });
});

describe('a worker', () => {
  const start = async (handlers: Record<string, (row: OutboxRow) => Promise<void>>, log = kept()) => {
    const q = queue();
    const relay = await runRelay({ db, queue: q.made, log });
    const worker = await runWorker({ db, queue: q.made, holder: 'A:1', concurrency: 2, handlers, log });
    return { ...q, relay, worker, log };
  };

  test('leaves work of a kind it does not know untouched, for the version that does', async () => {
    const { relay, log } = await start({ other: async () => {} });
    await put(['1/0']);
    await expect.poll(() => log.said.map(({ message }) => message)).toEqual(['this version knows no work of this kind; it is left to another']);
    await expect.poll(states).toEqual(['queued']);
    const [row] = await db.query<{ rev: number; tries: number }>('select rev, tries from outbox');
    expect(row).toEqual({ rev: 0, tries: 0 });
    await relay.close();
  });

  test('that fails says so with an id, and lives; one whose work was taken over says nothing', async () => {
    let fails: Error = new Error('no such column');
    const { relay, log, worker } = await start({
      async reading() {
        throw fails;
      },
    });
    await put(['1/0']);
    await expect.poll(() => log.said).toMatchObject([{ level: 'error', fields: { id: expect.stringMatching(/^e-/), work: '1/0' } }]);
    fails = new NoLongerOurs();
    await put(['1/1']);
    await expect.poll(states).toEqual(['started', 'started']);
    await expect.poll(worker.busy).toBe(false);
    expect(log.said).toHaveLength(1);
    await relay.close();
  });

  test('given the same piece twice does it once', async () => {
    let did = 0;
    const { relay, made } = await start({
      async reading(row) {
        did += 1;
        await finishWork(db, row, 'done');
      },
    });
    await put(['1/0']);
    await expect.poll(states).toEqual(['done']);
    const [row] = await db.query<{ id: string }>('select id from outbox');
    await made.add([{ id: 'again', data: { kind: 'reading', ref: row?.id as string, rev: 0 } }]);
    expect(did).toBe(1);
    await relay.close();
  });
});
