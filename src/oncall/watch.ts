import type { Tell } from '../deliver/tell.ts';
import { dayAt, momentOf, plusDays } from '../rollout/local-time.ts';
import type { Db } from '../store/db.ts';
import { armTimer, type TimerHandler } from '../store/timers.ts';
import { lookAtPeople } from './look.ts';
import type { StandingWorld } from './standing.ts';
import { forgetTroubles, tellTroubles } from './tell-troubles.ts';

/** The kind of the timer. */
const WATCH = 'roster';
/** Minutes after midnight, where the installation is. */
const MORNING = 9 * 60;

export interface WatchWorld extends StandingWorld {
  tell: Tell;
  /** The devices are played by the terminal. */
  simulated: boolean;
}

/** Looks each morning at who could be asked today and in the next two weeks; tells what is new, once. */
export function watchRosters(world: WatchWorld): TimerHandler {
  return async (tx) => {
    const { troubles, now: at } = await lookAtPeople(tx, world);
    await tellTroubles(tx, { tell: world.tell, people: world.people() }, { troubles, at });
    await forgetTroubles(tx, troubles);
    return nextMorning(at, world.config().timezone);
  };
}

/** Armed once; a database that lives keeps its own. */
export async function armRosterWatch(db: Db, now: number, zone: string): Promise<void> {
  await db.tx(async (tx) => {
    const [armed] = await tx.query(`select 1 from timers where kind = $1`, [WATCH]);
    if (!armed) await armTimer(tx, { kind: WATCH, ref: 'daily', due: nextMorning(now, zone) });
  });
}

function nextMorning(at: number, zone: string): number {
  const today = momentOf(dayAt(at, zone), MORNING, zone);
  return today > at ? today : momentOf(plusDays(dayAt(at, zone), 1), MORNING, zone);
}
