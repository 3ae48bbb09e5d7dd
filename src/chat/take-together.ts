import type { Db } from '../store/db.ts';
import { type Delivered, type TakenIn, takeIn } from '../store/inbox.ts';

/** Lines in one statement, at most. */
const TOGETHER = 100;
/** A statement that takes longer (wall ms) is not waited for by those that come after it, up to so many at once. */
const SLOW = 250;
const AT_ONCE = 6;

/**
 * Commits what comes while a statement is under way with the next one, all of it in one flush to disk: two hundred commands a second
 * are a few statements a second. One that fails is tried again line by line, so that none fails for another's sake.
 */
export function takeTogether(db: Db): (line: Delivered, deadline?: Date) => Promise<TakenIn> {
  const queue: { line: Delivered & { deadline?: Date }; resolve(taken: TakenIn): void; reject(error: unknown): void }[] = [];
  let under = 0;
  let slow = 0;

  const flush = (): void => {
    if (queue.length === 0 || under >= AT_ONCE || under > slow) return;
    const batch = queue.splice(0, TOGETHER);
    under += 1;
    let counted = false;
    const timer = setTimeout(() => {
      counted = true;
      slow += 1;
      flush();
    }, SLOW).unref();
    const lines = batch.map(({ line }) => line);
    takeIn(db, lines)
      .then(
        (taken) => batch.forEach(({ resolve }, n) => void resolve(taken[n] as TakenIn)),
        async (error: unknown) => {
          if (batch.length === 1) return batch[0]?.reject(error);
          for (const { line, resolve, reject } of batch)
            await takeIn(db, [line])
              .then(([taken]) => resolve(taken as TakenIn))
              .catch(reject);
        },
      )
      .finally(() => {
        clearTimeout(timer);
        under -= 1;
        if (counted) slow -= 1;
        flush();
      });
  };
  return (line, deadline) =>
    new Promise((resolve, reject) => {
      queue.push({ line: { ...line, ...(deadline && { deadline }) }, resolve, reject });
      flush();
    });
}
