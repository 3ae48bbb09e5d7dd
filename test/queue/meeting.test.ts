import { expect, onTestFinished, test } from 'vitest';
import { openQueue } from '../../src/queue/open.ts';
import { runRelay } from '../../src/queue/relay.ts';
import { NoLongerOurs, runWorker } from '../../src/queue/worker.ts';
import { openDb } from '../../src/store/open.ts';
import { finishWork, putOut } from '../../src/store/outbox.ts';
import { kept } from '../store/quiet.ts';

test('what a deadlock undid is done again at once, not when its lease has ended; other failures wait for that', async () => {
  const log = kept();
  const db = await openDb({ memory: true, log });
  const queue = await openQueue({ db, log });
  const tried: string[] = [];
  let finish = (): void => {};
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const worker = await runWorker({
    db,
    queue,
    holder: 'A:1',
    concurrency: 2,
    log,
    handlers: {
      async reading(row) {
        tried.push(row.ref);
        if (row.ref === 'broken') throw new Error('ours');
        if (tried.filter((ref) => ref === row.ref).length < 3) throw Object.assign(new Error('deadlock detected'), { code: '40P01' });
        await db.tx(async (tx) => {
          if (!(await finishWork(tx, row, 'done'))) throw new NoLongerOurs();
        });
        finish();
      },
    },
  });
  const relay = await runRelay({ db, queue, log });
  onTestFinished(async () => {
    await relay.close();
    worker.close();
    await queue.close();
    await db.close();
  });
  await db.tx((tx) => putOut(tx, 'reading', ['broken', 'met']));
  await done;
  expect(tried.filter((ref) => ref === 'met')).toHaveLength(3);
  expect(tried.filter((ref) => ref === 'broken')).toHaveLength(1);
  expect(await db.query(`select ref, state from outbox order by id`)).toEqual([
    { ref: 'broken', state: 'started' },
    { ref: 'met', state: 'done' },
  ]);
});
