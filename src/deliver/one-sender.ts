import type { Log } from '../ops.ts';
import type { Db } from '../store/db.ts';
import { releaseLease, takeLease } from '../store/leases.ts';

/** Wall ms between two renewals: three are missed before another process takes over. */
const RENEW = 3_000;
/** Wall ms after the last renewal at which a process that cannot reach the database stops by itself: before another may begin. */
const SURE = 9_000;

/** That this process is the one that sends, as long as it lives: of all that share a database there is one a platform. */
export interface Turn {
  /** Ends it in order: the next process begins at once. */
  close(): Promise<void>;
}

/** Waits for the turn, says when it begins and when it is lost, and waits again. Woken by whoever ends; else when the lease is over. */
export async function waitForTurn(options: {
  db: Db;
  log: Log;
  name: string;
  holder: string;
  begin(): void;
  /** Somebody else sends now, or the database was away for so long that somebody may. */
  end(): Promise<void>;
}): Promise<Turn> {
  const { db, log, name, holder } = options;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let held = false;
  let sure = 0;
  let looking: Promise<void> | undefined;
  let again = false;

  const wakeIn = (ms: number): void => {
    clearTimeout(timer);
    if (!closed) timer = setTimeout(look, ms).unref();
  };
  const look = (): void => {
    again = looking !== undefined;
    looking ??= ask().finally(() => {
      looking = undefined;
      if (again && !closed) look();
    });
  };
  const ask = async (): Promise<void> => {
    const asked = Date.now();
    const wait = await takeLease(db, name, holder).catch((error: unknown) => {
      log.warn({ err: error, name }, 'the lease of the sender could not be renewed; it is tried again');
      return undefined;
    });
    if (closed) return;
    if (wait === 0) {
      sure = asked + SURE;
      if (!held) options.begin();
      held = true;
    } else if (held && (wait !== undefined || Date.now() > sure)) {
      held = false;
      log.warn({ name }, 'another process sends now');
      await options.end();
    }
    wakeIn(wait === undefined ? 1_000 : wait === 0 ? RENEW : wait + 50);
  };
  const unlisten = await db.listen('shown', (payload) => {
    if (!held && (payload === `lease:${name}` || payload === '')) look();
  });
  look();
  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      await unlisten();
      await looking;
      if (!held) return;
      await options.end();
      await releaseLease(db, name, holder).catch((error: unknown) => log.warn({ err: error, name }, 'the lease of the sender could not be given back'));
    },
  };
}
