import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../ops.ts';
import type { Db } from './db.ts';
import { exportTo } from './export.ts';

const EVERY = 5 * 60_000;
const FIRST_EXPORT = 10_000;
const KEPT = 7;

/**
 * What a Postgres server does by itself and the embedded one does not: checkpoints and vacuum every five minutes and
 * at the end, and an export a day into `<dataDir>/exports`, seven kept. Wall time; keeps no process alive.
 */
export function startUpkeep({ db, dataDir, log, now = Date.now }: { db: Db; dataDir: string; log: Log; now?: () => number }): {
  tend(): Promise<void>;
  exportToday(): Promise<void>;
  /** Stops, and tends a last time. */
  close(): Promise<void>;
} {
  const folder = join(dataDir, 'exports');
  let running: Promise<void> = Promise.resolve();
  let closed = false;
  const inTurn = (work: () => Promise<unknown>): Promise<void> => {
    running = running.then(async () => {
      await work().catch((error: Error) => log.error({ error: error.stack }, 'upkeep of the embedded database failed; it is tried again'));
    });
    return running;
  };
  const tend = (): Promise<void> => inTurn(() => vacuumAndCheckpoint(db));
  const exportToday = (): Promise<void> => inTurn(() => exportOnce(db, folder, now(), log));
  const first = setTimeout(() => void (closed || exportToday()), FIRST_EXPORT).unref();
  const timer = setInterval(() => {
    void tend();
    void exportToday();
  }, EVERY).unref();
  return {
    tend,
    exportToday,
    async close() {
      closed = true;
      clearTimeout(first);
      clearInterval(timer);
      await tend();
    },
  };
}

/**
 * Table by table, so that others get their turn in between. All of them: the counts of dead rows by which a server
 * chooses are not kept in the one session of PGlite. Analysing changes pg_statistic, so that is tended too.
 */
async function vacuumAndCheckpoint(db: Db): Promise<void> {
  const tables = await db.query<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND (n.nspname NOT IN ('pg_catalog', 'information_schema') OR c.relname = 'pg_statistic') ORDER BY c.oid DESC`,
  );
  for (const { name } of tables) await db.query(`VACUUM (ANALYZE) ${name}`);
  await db.query('CHECKPOINT');
}

async function exportOnce(db: Db, folder: string, now: number, log: Log): Promise<void> {
  const file = join(folder, `holdfast-${new Date(now).toISOString().slice(0, 10)}.jsonl.gz`);
  if (existsSync(file)) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const began = Date.now();
  const { rows } = await exportTo(db, file);
  log.info({ file, rows, ms: Date.now() - began }, 'exported the database');
  const all = readdirSync(folder)
    .filter((name) => /^holdfast-\d{4}-\d\d-\d\d\.jsonl\.gz$/.test(name))
    .sort();
  for (const name of all.slice(0, -KEPT)) rmSync(join(folder, name));
}
