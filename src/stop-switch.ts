import type { Clock } from './lib/clocks.ts';
import { Refusal } from './lib/refusal.ts';
import type { Log, StopSwitch } from './ops.ts';
import { liftStop, readStop, type Stopped, watchStop, writeStop } from './stop.ts';
import type { Db, Queries, Tx } from './store/db.ts';

/**
 * The halt as this process sees it. Its own file decides at once; the row carries it to the processes of other machines,
 * and what those set or lift comes back the same way. A halt that could not be told yet is never overruled by the row.
 */
export async function openStopSwitch(world: {
  db: Db;
  dataDir: string;
  clock: Clock;
  log: Log;
}): Promise<StopSwitch & { onStop(hear: () => void): () => void; close(): Promise<void> }> {
  const { db, dataDir, clock, log } = world;
  let stopped = readStop(dataDir);
  /** The file says something the row does not say yet. */
  let untold = stopped !== undefined;
  let closed = false;
  let retry: NodeJS.Timeout | undefined;
  const hearers = new Set<() => void>();

  const adopt = (theirs: Stopped | undefined): void => {
    if (same(theirs, stopped)) return;
    stopped = theirs;
    if (theirs) writeStop(dataDir, theirs);
    else liftStop(dataDir);
    say();
  };
  const hear = async (): Promise<void> => {
    const theirs = await readRow(db);
    if (untold && !same(theirs, stopped)) return tell();
    untold = false;
    adopt(theirs);
  };
  /** Until the other processes can see it: a halt set while the database is down reaches them when it is back. */
  const tell = async (): Promise<void> => {
    const told = stopped;
    try {
      await db.tx((tx) => writeRow(tx, told));
      if (same(told, stopped)) untold = false;
    } catch (error) {
      if (closed) return;
      log.warn({ err: error }, 'the stop could not be told to other processes yet; it holds here');
      tellSoon();
    }
  };
  const tellSoon = (): void => {
    clearTimeout(retry);
    retry = setTimeout(() => untold && void tell(), RETRY).unref();
  };
  const say = (): void => {
    log.warn({ stopped: stopped ?? false }, stopped ? `stopped by ${stopped.by}: nothing new begins` : 'the stop was lifted');
    if (stopped) for (const hear of hearers) hear();
  };

  if (untold) await db.tx((tx) => writeRow(tx, stopped));
  untold = false;
  await hear();
  const watcher = watchStop(dataDir, (now) => {
    if (same(now, stopped)) return;
    stopped = now;
    untold = true;
    say();
    void tell();
  });
  const unlisten = await db.listen(
    'stop',
    () => void hear().catch((error: unknown) => log.warn({ err: error }, 'whether everything is stopped could not be read')),
  );
  return {
    state: () =>
      stopped ? { stopped: true, by: stopped.by, at: Date.parse(stopped.at), ...(stopped.because && { because: stopped.because }) } : { stopped: false },
    set: (by, because) => {
      const mine: Stopped = { by, at: new Date(clock.now()).toISOString(), ...(because && { because }) };
      // At once, before the transaction: a halt is in force even when the database then fails, and is told when it can be.
      stopped = mine;
      untold = true;
      writeStop(dataDir, mine);
      // Not with the line's transaction: that waits for the fleet's lock, and the other processes would wait with it.
      void tell();
      return {
        write: async (tx) => {
          await writeRow(tx, mine);
          return undefined;
        },
      };
    },
    // Only what was committed lifts a halt: the notification of the commit does it here as everywhere.
    lift: () => ({
      write: async (tx) => {
        if (untold) throw new Refusal('The stop has not reached the database yet, so it cannot be lifted there. Nothing was done; say go again in a moment.');
        await writeRow(tx, undefined);
        return undefined;
      },
    }),
    // Also what was set while nobody listened yet: by the file, before this process.
    onStop: (hear) => {
      hearers.add(hear);
      if (stopped) hear();
      return () => hearers.delete(hear);
    },
    close: async () => {
      closed = true;
      clearTimeout(retry);
      watcher.close();
      await unlisten();
    },
  };
}

/** Wall ms. */
const RETRY = 1000;

/** jsonb gives objects back with their keys in another order. */
const same = (a: Stopped | undefined, b: Stopped | undefined): boolean => a?.by === b?.by && a?.at === b?.at && a?.because === b?.because;

async function writeRow(tx: Tx, stopped: Stopped | undefined): Promise<void> {
  await tx.query(`insert into meta (key, value) values ('stop', $1) on conflict (key) do update set value = excluded.value`, [JSON.stringify(stopped ?? null)]);
  await tx.notify('stop');
}

async function readRow(db: Queries): Promise<Stopped | undefined> {
  const [row] = await db.query<{ value: Stopped | null }>(`select value from meta where key = 'stop'`);
  return row?.value ?? undefined;
}
