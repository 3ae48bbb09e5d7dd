import type { Pace } from '../src/jobs.ts';
import type { startClock } from '../src/lib/clocks.ts';
import type { openDb } from '../src/store/open.ts';
import { type Engine, engines, type Running as Servers, temporary } from '../test/engines.ts';
import { quietLog } from '../test/quiet-log.ts';
import { blockedHosts, byHand, guests, type Program } from '../test/runs/by-hand.ts';
import { built } from './copy.ts';
import { print, table, time } from './table.ts';

const SIZES: [hosts: number, others: number][] = [
  [100, 0],
  [1000, 0],
  [5000, 0],
];
/** As many runs wait for places as wait for approval. */
const AMONG: [hosts: number, others: number] = [100, 100];
const TIMERS = 20_000;
/** Hosts that are measured in the middle of a run that goes by waves. */
const MEASURED = 400;
/** Rounds of which the fastest counts: the machine may be busy with something else. */
const PARTS = 4;

/**
 * What a host that ends costs the database and the deciding, in the middle of runs of growing size: a job that does nothing, on guests
 * of hypervisors in pairs that stand in two of ten sites. SSH and the queue are not in it; each piece of work is handed to its handler.
 */
export async function run(): Promise<void> {
  const rows: string[][] = [];
  for (const engine of engines()) {
    if (engine.available !== true) {
      print(`${engine.name}: not run, ${engine.available}`);
      continue;
    }
    // A queue on Redis takes nothing of what is measured here; what it costs itself is in "first-answer".
    if (engine.name === 'postgres and redis') continue;
    for (const [how, pace] of PACES) {
      // The first is slow for everybody: code is compiled, pages are read.
      await costWith(engine, 100, pace, 0);
      let few: Cost | undefined;
      for (const [size, others] of pace.unbounded ? SIZES : [...SIZES, AMONG]) {
        const cost = await costWith(engine, size, pace, others);
        few ??= cost;
        rows.push([
          engine.name,
          how,
          others > 0 ? `${size}, among ${2 * others} other runs and ${TIMERS.toLocaleString('en')} timers` : String(size),
          time(cost.planned),
          `${cost.ms.toFixed(2)} ms`,
          (cost.ms / few.ms).toFixed(2),
          cost.statements.toFixed(2),
          (cost.statements / few.statements).toFixed(2),
        ]);
      }
    }
  }
  table(HEADINGS, rows);
}

const HEADINGS = ['engine', 'run', 'hosts', 'planned and approved', 'for each host that ends', 'by the 100', 'statements for each', 'by the 100'];

const PACES: [name: string, pace: Pace][] = [
  ['by waves of 5', { first: [1], hosts: 5, soakCanary: 0, soakWave: 0 }],
  ['all at once', { first: [], soakCanary: 0, soakWave: 0, unbounded: true }],
];

interface Cost {
  planned: number;
  /** For each host that ended, of the part of the run that was measured. */
  ms: number;
  statements: number;
}

async function costWith(engine: Engine, ...what: [size: number, pace: Pace, others: number]): Promise<Cost> {
  const servers = await engine.start();
  const cost = await costOf(servers, ...what);
  await servers.stop();
  return cost;
}

async function costOf(servers: Servers, size: number, pace: Pace, others: number): Promise<Cost> {
  const { openDb: open } = await built<{ openDb: typeof openDb }>('src/store/open');
  const { startClock: clockOf } = await built<{ startClock: typeof startClock }>('src/lib/clocks');
  const db = await open({ dataDir: temporary('runs'), ...(servers.databaseUrl && { databaseUrl: servers.databaseUrl }), log: quietLog });
  const clock = clockOf({ speed: 2, anchor: Date.UTC(2026, 10, 17, 9) });
  const one = byHand(await program(), { db, clock, hosts: [...guests(size), ...blockedHosts(others)], pace });
  await one.know();
  if (others > 0) await one.besides(others, TIMERS);
  const from = performance.now();
  await one.begin();
  const planned = performance.now() - from;
  const hosts = pace.unbounded ? size : Math.min(size / 2, MEASURED);
  await one.until(pace.unbounded ? 0 : (size - hosts) / 2);
  const [statements, ended] = [one.counted.statements, one.ended.length];
  let best = Number.POSITIVE_INFINITY;
  let whole = 0;
  for (let part = 1; part <= PARTS; part++) {
    const [begun, before] = [performance.now(), one.ended.length];
    await one.until(ended + Math.round((hosts * part) / PARTS));
    const ms = performance.now() - begun;
    whole += ms;
    best = Math.min(best, ms / (one.ended.length - before));
  }
  await db.close();
  const measured = one.ended.length - ended;
  return { planned, ms: pace.unbounded ? whole / measured : best, statements: (one.counted.statements - statements) / measured };
}

async function program(): Promise<Program> {
  const [rooms, plan, approve, outbox] = await Promise.all([
    built<Pick<Program, 'openRooms' | 'changeJobs'>>('src/rooms'),
    built<Pick<Program, 'planRun'>>('src/runs/plan'),
    built<Pick<Program, 'approve'>>('src/runs/approve'),
    built<Pick<Program, 'startWork'>>('src/store/outbox'),
  ]);
  return { openRooms: rooms.openRooms, changeJobs: rooms.changeJobs, planRun: plan.planRun, approve: approve.approve, startWork: outbox.startWork };
}
