import type { Clock } from './lib/clocks.ts';
import type { Log, StopSwitch } from './ops.ts';
import { liftStop, readStop, type Stopped, watchStop, writeStop } from './stop.ts';
import type { Db, Tx } from './store/db.ts';

/**
 * The halt as this process sees it. Its own file decides at once; the row carries it to the processes of other machines,
 * and what those set or lift comes back the same way.
 */
export async function openStopSwitch(world: { db: Db; dataDir: string; clock: Clock; log: Log }): Promise<StopSwitch & { close(): Promise<void> }> {
  const { db, dataDir, clock, log } = world;
  let stopped = readStop(dataDir);

  const publish = async (tx: Tx): Promise<undefined> => {
    await tx.query(`insert into meta (key, value) values ('stop', $1) on conflict (key) do update set value = excluded.value`, [
      JSON.stringify(stopped ?? null),
    ]);
    await tx.notify('stop');
  };
  const hear = async (): Promise<void> => {
    const [row] = await db.query<{ value: Stopped | null }>(`select value from meta where key = 'stop'`);
    const theirs = row?.value ?? undefined;
    if (JSON.stringify(theirs) === JSON.stringify(stopped)) return;
    stopped = theirs;
    if (theirs) writeStop(dataDir, theirs);
    else liftStop(dataDir);
  };
  const say = (): void => log.warn({ stopped: stopped ?? false }, stopped ? `stopped by ${stopped.by}: nothing new begins` : 'the stop was lifted');
  const tolerate = (error: unknown): void => log.warn({ err: error }, 'the stop could not be told to other processes; it holds here');

  if (stopped) await db.tx(publish);
  else await hear();
  const watcher = watchStop(dataDir, (now) => {
    if (JSON.stringify(now) === JSON.stringify(stopped)) return;
    stopped = now;
    say();
    db.tx(publish).catch(tolerate);
  });
  const unlisten = await db.listen('stop', () => void hear().catch(tolerate));
  return {
    state: () => (stopped ? { stopped: true, by: stopped.by, at: Date.parse(stopped.at), ...(stopped.because && { because: stopped.because }) } : { stopped: false }),
    set: (by, because) => {
      stopped = { by, at: new Date(clock.now()).toISOString(), ...(because && { because }) };
      // At once, before the transaction: a halt is in force even when the database then fails.
      writeStop(dataDir, stopped);
      return { write: publish };
    },
    lift: () => ({
      write: async (tx) => {
        stopped = undefined;
        await publish(tx);
        liftStop(dataDir);
        return undefined;
      },
    }),
    close: async () => {
      watcher.close();
      await unlisten();
    },
  };
}
