import type { TimeMachine } from './chat/terminal/session.ts';
import type { SettableClock } from './lib/clocks.ts';
import type { Db } from './store/db.ts';
import { nextDue } from './store/timers.ts';

/**
 * Moves the sandbox's domain time: from one due event to the next, and only while nothing is in flight, so that what is
 * due at minute 5 has happened, whole, before minute 10 begins.
 */
export function timeMachine(world: { db: Db; clock: SettableClock; busy(): boolean }): TimeMachine {
  const { db, clock } = world;
  return {
    async pass(ms) {
      const until = clock.now() + ms;
      for (;;) {
        await quiet(world);
        const due = await nextDue(db);
        if (due === undefined || due > until) break;
        clock.jumpTo(due);
        await handled(db, due);
      }
      clock.jumpTo(until);
      await quiet(world);
    },
  };
}

/** Wall ms between looks; the work itself wakes by events, only this hand of the sandbox looks. */
const LOOK = 5;

async function quiet(world: { db: Db; busy(): boolean }): Promise<void> {
  for (;;) {
    if (!world.busy()) {
      const [row] = await world.db.query<{ open: number }>(
        `select (select count(*) from inbox where state = 'taken')::int
              + (select count(*) from outbox where state in ('waiting', 'queued', 'started'))::int
              + (select count(*) from page_attempts where state = 'sending' or (state = 'waiting' and (wall_not_before is null or wall_not_before <= now())))::int as open`,
      );
      if (row?.open === 0 && !world.busy()) return;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
}

/** Waits until the timer of this due time is gone or moved on. */
async function handled(db: Db, due: number): Promise<void> {
  for (;;) {
    const next = await nextDue(db);
    if (next === undefined || next > due) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
}
