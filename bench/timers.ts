import { createPostgresBackend, Queue, runMigrations, Worker } from 'bullmq';
import type { startClock } from '../src/lib/clocks.ts';
import type { openDb } from '../src/store/open.ts';
import type { runTimers } from '../src/store/timers.ts';
import { engines, temporary } from '../test/engines.ts';
import { quietLog } from '../test/quiet-log.ts';
import { built } from './copy.ts';
import { percentile, print, table, time } from './table.ts';

const ARMED = 100_000;
const DUE = 1000;

/** 100,000 timers armed, of which 1,000 are due spread over one second: how late each is handled, its transaction included. */
export async function run(): Promise<void> {
  const { openDb: open } = await built<{ openDb: typeof openDb }>('src/store/open');
  const { runTimers: ring } = await built<{ runTimers: typeof runTimers }>('src/store/timers');
  const { startClock: clockOf } = await built<{ startClock: typeof startClock }>('src/lib/clocks');
  const rows: string[][] = [];
  for (const engine of engines().slice(0, 2)) {
    if (engine.available !== true) {
      print(`${engine.name}: not run, ${engine.available}`);
      continue;
    }
    const servers = await engine.start();
    const db = await open({ dataDir: temporary('timers'), ...(servers.databaseUrl && { databaseUrl: servers.databaseUrl }), log: quietLog });
    const clock = clockOf();
    const begun = performance.now();
    await db.query(`insert into timers (kind, ref, due) select 'later', n::text, now() + make_interval(secs => 3600 + n) from generate_series(1, $1) n`, [
      ARMED - DUE,
    ]);
    const arming = performance.now() - begun;
    const first = clock.now() + 3000;
    await db.query(
      `insert into timers (kind, ref, due) select 'due', n::text, $1::timestamptz + make_interval(secs => n::float8 / $2) from generate_series(1, $2::int) n`,
      [new Date(first), DUE],
    );
    const late: number[] = [];
    let heard: () => void = () => {};
    const all = new Promise<void>((resolve) => (heard = resolve));
    const timers = await ring({
      db,
      clock,
      handlers: {
        later: async () => undefined,
        due: async (_, timer) => {
          late.push(clock.now() - timer.due.getTime());
          if (late.length === DUE) heard();
          return undefined;
        },
      },
      failed: (error) => print(String(error)),
    });
    await all;
    await timers.close();
    rows.push([`timers as rows, ${engine.name}`, time(arming), time(percentile(late, 0.5)), time(percentile(late, 0.99)), time(Math.max(...late))]);
    await db.close();
    await servers.stop();
  }
  rows.push(await delayedJobs(ARMED), await delayedJobs(ARMED / 10));
  table(['100,000 armed, 1,000 due in one second', 'arming', 'late, p50', 'p99', 'most'], rows);
}

/** The same as delayed jobs of BullMQ on the embedded database, which was decided against (docs/architecture.md, rule 3). */
async function delayedJobs(armed: number): Promise<string[]> {
  const { openDb: open } = await built<{ openDb: typeof openDb }>('src/store/open');
  const db = await open({ dataDir: temporary('delayed'), log: quietLog });
  const pool = db.pool('bullmq');
  const client = await pool.connect();
  await runMigrations(client as never);
  client.release();
  const queue = new Queue('delayed', { connection: pool as never, defaultJobOptions: { removeOnComplete: true } }, createPostgresBackend as never);
  queue.on('error', () => {});
  const begun = performance.now();
  for (let n = 0; n < armed - DUE; n += 1000) {
    await queue.addBulk(Array.from({ length: Math.min(1000, armed - DUE - n) }, (_, i) => ({ name: 'later', data: {}, opts: { delay: 3_600_000 + n + i } })));
  }
  const arming = performance.now() - begun;
  const first = Date.now() + 5000;
  await queue.addBulk(
    Array.from({ length: DUE }, (_, n) => {
      const due = first + (n * 1000) / DUE;
      return { name: 'due', data: { due }, opts: { delay: Math.round(due - Date.now()) } };
    }),
  );
  const late: number[] = [];
  await new Promise<void>((resolve) => {
    const worker = new Worker(
      'delayed',
      async (job) => {
        late.push(Date.now() - job.data.due);
        if (late.length === DUE) resolve();
      },
      { connection: pool as never, concurrency: 50 },
      createPostgresBackend as never,
    );
    worker.on('error', () => {});
  });
  await db.close();
  return [
    `BullMQ delayed jobs, embedded, ${armed.toLocaleString('en')}`,
    time(arming),
    time(percentile(late, 0.5)),
    time(percentile(late, 0.99)),
    time(Math.max(...late)),
  ];
}
