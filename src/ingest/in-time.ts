import type { Wrong } from './wrong.ts';

/** Wall ms within which something is committed, or not acknowledged. */
const COMMIT = 2_000;

/** What was asked of the database, or a no after 2 s (wall ms). It may come about later all the same: asked again, it is done once. */
export async function inTime<Answer>(asked: Promise<Answer>, late: (why: string) => Wrong, ms = COMMIT): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late(`The database did not answer within ${ms / 1000} s.`)), ms);
  });
  // Whoever is late is heard by nobody; its failure must not end the process.
  asked.catch(() => {});
  return Promise.race([asked, over]).finally(() => clearTimeout(timer));
}
