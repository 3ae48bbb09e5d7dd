import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { WorkItem } from '../../src/queue/queue.ts';
import type { Store } from '../../src/store/db.ts';
import { openDb } from '../../src/store/open.ts';
import { finishWork, isOurs, markQueued, type OutboxRow, putOut, reclaimFrom, reclaimLost, renewLeases, startWork, unqueued } from '../../src/store/outbox.ts';
import { quiet } from '../store/quiet.ts';

let db: Store;
beforeAll(async () => {
  db = await openDb({ memory: true, log: quiet });
  await db.query('create table written (ref text, by text)');
  return () => db.close();
});

const empty = async (): Promise<void> => {
  await db.query('truncate outbox');
  await db.query('truncate written');
};
const put = (refs: string[]) => db.tx((tx) => putOut(tx, 'reading', refs));
const rows = () => db.query<OutboxRow & { state: string; holder: string | null }>('select id, ref, state, rev, tries, holder from outbox order by id');
/** Wall time passes the leases by. */
const leasesEnd = (by: number) => db.query(`update outbox set lease_until = lease_until - make_interval(secs => $1)`, [by]);

type Step =
  | { do: 'relay'; crash: 'no' | 'before marking' }
  | { do: 'flush' }
  | { do: 'take' | 'finish' | 'die'; who: 'A' | 'B'; nth: number }
  | { do: 'time passes' }
  | { do: 'reconcile' }
  | { do: 'restart'; who: 'A' | 'B' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('relay' as const), crash: fc.constantFrom('no' as const, 'before marking' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('flush' as const) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom('take' as const, 'finish' as const, 'die' as const),
      who: fc.constantFrom('A' as const, 'B' as const),
      nth: fc.nat(9),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('time passes' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('reconcile' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), who: fc.constantFrom('A' as const, 'B' as const) }) },
);

/** A queue as unkind as the rules allow: it may forget everything, and give the same thing out twice. */
function world() {
  let queue: WorkItem[] = [];
  // What each worker believes it has; a frozen one believes it still when the row has long been another's.
  const inHand = { A: [] as OutboxRow[], B: [] as OutboxRow[] };
  const relay = async (crash: 'no' | 'before marking'): Promise<void> => {
    const found = await unqueued(db, 200);
    queue.push(...found.map(({ id, kind, rev }) => ({ kind, ref: id, rev })));
    if (crash === 'no') await markQueued(db, found);
  };
  const finish = (who: 'A' | 'B', row: OutboxRow): Promise<unknown> =>
    db
      .tx(async (tx) => {
        await tx.query('insert into written values ($1, $2)', [row.ref, who]);
        if (!(await finishWork(tx, row, 'done'))) throw new Error('no longer ours');
      })
      .catch(() => {});
  const take = async (who: 'A' | 'B', nth: number): Promise<void> => {
    const item = queue[nth % Math.max(1, queue.length)];
    if (!item) return;
    // Every other time the queue gives it out without forgetting it, as it does when a worker stalled.
    if (nth % 2 === 0) queue = queue.filter((other) => other !== item);
    const row = await startWork(db, item.ref, item.rev, `${who}:1`);
    if (row) inHand[who].push(row);
  };
  return {
    async act(step: Step): Promise<void> {
      if (step.do === 'relay') return relay(step.crash);
      if (step.do === 'flush') queue = [];
      else if (step.do === 'take') await take(step.who, step.nth);
      else if (step.do === 'finish') {
        const row = inHand[step.who][step.nth % Math.max(1, inHand[step.who].length)];
        if (row) await finish(step.who, row);
      } else if (step.do === 'die') inHand[step.who] = [];
      else if (step.do === 'time passes') await leasesEnd(400);
      else if (step.do === 'reconcile') await reclaimLost(db, queue.length === 0);
      else await reclaimFrom(db, step.who);
    },
    /** From here on nothing goes wrong any more: everything that was put out comes to its end. */
    async calm(): Promise<void> {
      for (let round = 0; round < 4; round++) {
        await leasesEnd(400);
        await reclaimLost(db, false);
        await relay('no');
        for (const item of queue.splice(0)) {
          const row = await startWork(db, item.ref, item.rev, 'A');
          if (row) await finish('A', row);
        }
      }
      // The frozen ones wake up at last and finish what they believe to be theirs.
      for (const who of ['A', 'B'] as const) for (const row of inHand[who]) await finish(who, row);
    },
  };
}

describe('work in the outbox', () => {
  test('whatever the order of relay, crash, FLUSHALL, reclaim, a worker and a frozen one, each chunk is written exactly once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 25 }), async (chunks, steps) => {
        await empty();
        const refs = Array.from({ length: chunks }, (_, n) => `1/${n}`);
        await put(refs);
        const { act, calm } = world();
        for (const one of steps) await act(one);
        await calm();
        expect(new Set((await rows()).map(({ state }) => state))).toEqual(new Set(['done']));
        const written = await db.query<{ ref: string }>('select ref from written order by ref');
        expect(written.map(({ ref }) => ref)).toEqual(refs);
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  test('only what is in hand is kept alive: a row whose handling failed is given to another, however busy its worker', async () => {
    await empty();
    await put(['1/0', '1/1']);
    const [first, second] = await unqueued(db, 10);
    const failed = (await startWork(db, first?.id as string, 0, 'A')) as OutboxRow;
    const busy = (await startWork(db, second?.id as string, 0, 'A')) as OutboxRow;
    await leasesEnd(11);
    await renewLeases(db, [busy]);
    expect(await reclaimLost(db, false)).toBe(1);
    expect((await unqueued(db, 10)).map(({ ref }) => ref)).toEqual([failed.ref]);
    expect(await db.tx((tx) => isOurs(tx, busy))).toBe(true);
    expect(await db.tx((tx) => isOurs(tx, failed))).toBe(false);
  });

  test('a queue that forgets, and restarts, cost no tries: only a worker that was lost with the work counts', async () => {
    await empty();
    await put(['1/0']);
    for (let n = 0; n < 8; n++) {
      await markQueued(db, await unqueued(db, 10));
      await leasesEnd(11);
      await (n % 2 ? reclaimLost(db, true) : reclaimFrom(db, 'A'));
    }
    const [row] = await unqueued(db, 10);
    expect(row).toMatchObject({ tries: 0, rev: 8 });
    await startWork(db, row?.id as string, 8, 'A2:1');
    await reclaimFrom(db, 'A');
    // A place with a name that begins alike is somebody else.
    expect((await rows())[0]).toMatchObject({ state: 'started', holder: 'A2:1' });
    await reclaimFrom(db, 'A2');
    expect((await rows())[0]).toMatchObject({ state: 'waiting', tries: 1 });
  });
});
