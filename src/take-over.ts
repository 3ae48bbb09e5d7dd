import { reclaimAttempts } from './deliver/attempt-claims.ts';
import type { Db } from './store/db.ts';
import { releaseHeldLines } from './store/inbox.ts';
import { releaseLeasesOf } from './store/leases.ts';
import { reclaimFrom } from './store/outbox.ts';

/** At a start: the lock of the directory is ours, so whoever held something from here before is dead, and nobody waits for its leases. */
export async function takeOverFrom(db: Db, home: string): Promise<void> {
  await releaseHeldLines(db, home);
  await releaseLeasesOf(db, home);
  await reclaimFrom(db, home);
  await reclaimAttempts(db, home);
}
