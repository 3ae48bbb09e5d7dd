import { crashPoint } from '../lib/crash.ts';
import type { Paging } from './attempt.ts';
import { type Claimed, claimAttempts, RENEW, renewAttempts, takeOverAttempts, untilAttempt } from './attempt-claims.ts';
import { openResults } from './attempt-results.ts';
import { type SendWorld, sendAttempt, type Tried } from './send-attempt.ts';
import { openTurns } from './turns.ts';

export interface AttemptsWorld extends SendWorld {
  paging: Paging;
  /** Names this process in what it has in hand. */
  holder: string;
  /** Domain time. */
  now(): number;
  /** Each try, for what Holdfast says of itself. */
  tried?(tried: Tried, took: number): void;
}

export interface Attempts {
  wake(): void;
  busy(): boolean;
  /** Wall time of the last look that came to its end. */
  lookedAt(): number;
  close(): Promise<void>;
}

/** Calls of one channel under way at once, in this process. */
const AT_ONCE = 64;
/** The longest sleep, wall ms: a NOTIFY that was lost is made good by then. */
const LONGEST_SLEEP = 15_000;
/** Wall ms: for what hangs the lease runs out, and it is looked up at the next start. */
const AT_THE_END = 1_500;

/**
 * Sends what is due of every page. Any process with a chat role may run it, and several at once do; no queue is needed. Woken by NOTIFY,
 * by an end of its own, and by the earliest moment at which something may be tried again or a dead process' lease ends.
 */
export async function runAttempts(world: AttemptsWorld): Promise<Attempts> {
  const { db, log, holder } = world;
  const turns = openTurns(AT_ONCE);
  const results = openResults(world);
  const running = new Set<Promise<void>>();
  let again = false;
  let closed = false;
  let looking: Promise<void> | undefined;
  let sleeper: NodeJS.Timeout | undefined;
  let looked = Date.now();

  const wake = (): void => {
    again = true;
    if (closed) return;
    looking ??= look().finally(() => {
      looking = undefined;
      if (again && !closed) wake();
    });
  };
  const look = async (): Promise<void> => {
    clearTimeout(sleeper);
    let wait = LONGEST_SLEEP;
    while (again && !closed) {
      again = false;
      try {
        const lost = await takeOverAttempts(db);
        if (lost > 0) log.warn({ lost }, 'pages that a process without life had in hand are taken up');
        const rooms = turns.rooms(world.channels());
        const claimed = await claimAttempts(db, holder, rooms, world.now());
        for (const attempt of claimed.sort((a, b) => Number(a.id) - Number(b.id))) begin(attempt);
        if (claimed.length > 0) again = true;
        // Where no place is free its next end wakes: what waits there must not make this look at once, again and again.
        else
          wait = Math.min(
            LONGEST_SLEEP,
            (await untilAttempt(
              db,
              rooms.map(({ channel }) => channel),
            )) ?? LONGEST_SLEEP,
          );
        looked = Date.now();
      } catch (error) {
        if (!closed) log.warn({ err: error }, 'pages could not be looked for; it is tried again');
        wait = 1_000;
      }
    }
    if (!closed) sleeper = setTimeout(wake, Math.max(20, Math.ceil(wait)));
  };
  const begin = (attempt: Claimed): void => {
    turns.take(attempt);
    const began = performance.now();
    const work = sendAttempt(world, attempt)
      .then(async (tried) => {
        await results.write(tried);
        crashPoint('attempt.written');
        world.tried?.(tried, performance.now() - began);
      })
      // Its lease runs out, and it is looked up and tried again.
      .catch((error: unknown) => void (closed || log.error({ err: error, page: attempt.page }, 'an attempt could not be made; it is made again')))
      .finally(() => {
        running.delete(work);
        turns.give(attempt);
        wake();
      });
    running.add(work);
  };
  const renewing = setInterval(() => {
    const ids = turns.inHand().map(({ id }) => id);
    if (ids.length > 0) void renewAttempts(db, holder, ids).catch(() => undefined);
  }, RENEW);

  const unlisten = await db.listen('attempts', wake);
  wake();
  return {
    wake,
    busy: () => looking !== undefined || running.size > 0,
    lookedAt: () => looked,
    async close() {
      closed = true;
      clearTimeout(sleeper);
      await unlisten();
      await looking;
      await Promise.race([Promise.allSettled(running), new Promise((resolve) => setTimeout(resolve, AT_THE_END).unref())]);
      clearInterval(renewing);
      results.close();
    },
  };
}
