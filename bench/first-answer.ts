import type { openQueue } from '../src/queue/open.ts';
import type { openDb } from '../src/store/open.ts';
import { engines, type Running as Servers, temporary } from '../test/engines.ts';
import { quietLog } from '../test/quiet-log.ts';
import { built } from './copy.ts';
import { pause, startProgram } from './program.ts';
import { median, percentile, print, table, time } from './table.ts';

const TIMES = 200;

/**
 * Command → answer through the control socket of the running sandbox, one after the other: typed, committed, dispatched, shown
 * (and for `check`, queued, the host asked over SSH, learned). Beside it, in the same run and on the same engine: a bare INSERT with its
 * commit, and a bare job of BullMQ from add to done.
 */
export async function run(): Promise<void> {
  const rows: string[][] = [];
  for (const engine of engines()) {
    if (engine.available !== true) {
      print(`${engine.name}: not run, ${engine.available}`);
      continue;
    }
    const servers = await engine.start();
    const bare = await bareCosts(servers);
    await servers.stop();
    const again = await engine.start();
    const env = { ...(again.databaseUrl && { DATABASE_URL: again.databaseUrl }), ...(again.redisUrl && { REDIS_URL: again.redisUrl }) };
    const program = await startProgram({ dataDir: temporary('data'), env });
    const told = async (text: string): Promise<number[]> => {
      for (let n = 0; n < 20; n++) await program.type(text);
      const all: number[] = [];
      for (let n = 0; n < TIMES; n++) all.push((await program.type(text)).ms);
      return all;
    };
    const show = await told('show web01');
    const check = await told('check web01');
    // After the idle limit (60 s) a check logs in anew; another host each time does the same at once.
    const cold: number[] = [];
    for (const host of ['web02', 'web03', 'web04', 'web05', 'web06', 'lab01', 'lab02', 'mon01', 'lb01', 'db01', 'db02'])
      cold.push((await program.type(`check ${host}`)).ms);
    await program.stop();
    await again.stop();
    const row = (what: string, values: number[], baseline: number[]): string[] => [
      engine.name,
      what,
      time(percentile(values, 0.5)),
      time(percentile(values, 0.99)),
      (median(values) / median(baseline)).toFixed(1),
    ];
    rows.push(
      [engine.name, 'bare INSERT and commit', time(median(bare.insert)), time(percentile(bare.insert, 0.99)), '1'],
      row('bare BullMQ job, add → done', bare.job, bare.insert),
      row('show web01', show, bare.insert),
      row('check web01, connection open', check, bare.insert),
      row('check of a host, first connection', cold, bare.insert),
    );
  }
  table(['engine', 'what', 'p50', 'p99', 'by the INSERT, p50'], rows);
}

async function bareCosts(servers: Servers): Promise<{ insert: number[]; job: number[] }> {
  const { openDb: open } = await built<{ openDb: typeof openDb }>('src/store/open');
  const { openQueue: openWork } = await built<{ openQueue: typeof openQueue }>('src/queue/open');
  const db = await open({ dataDir: temporary('bare'), ...(servers.databaseUrl && { databaseUrl: servers.databaseUrl }), log: quietLog });
  const queue = await openWork({
    db,
    ...(servers.databaseUrl && { databaseUrl: servers.databaseUrl }),
    ...(servers.redisUrl && { redisUrl: servers.redisUrl }),
    log: quietLog,
  });
  const insert: number[] = [];
  for (let n = 0; n < TIMES + 20; n++) {
    const from = performance.now();
    await db.query(`insert into meta (key, value) values ($1, '1')`, [`bench ${n}`]);
    if (n >= 20) insert.push(performance.now() - from);
  }
  let done: () => void = () => {};
  await queue.work(async () => done(), { concurrency: 1 });
  await pause(500);
  const job: number[] = [];
  for (let n = 0; n < TIMES + 20; n++) {
    const from = performance.now();
    const handled = new Promise<void>((resolve) => (done = resolve));
    await queue.add([{ id: `bench-${n}-0`, data: { kind: 'bench', ref: '0', rev: 0 } }]);
    await handled;
    if (n >= 20) job.push(performance.now() - from);
  }
  await queue.close();
  await db.close();
  return { insert, job };
}
