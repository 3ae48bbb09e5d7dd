import { reachedBy } from '../deliver/reaches.ts';
import { troublesOf } from '../escalation/troubles.ts';
import type { Queries } from '../store/db.ts';
import { sayTroubles } from './card.ts';
import { loadStanding } from './standing.ts';
import type { WatchWorld } from './watch.ts';

/** What a check of the whole fleet says of people: because of which a page may reach nobody. */
export const peopleFindings =
  (world: Omit<WatchWorld, 'tell'>) =>
  async (db: Queries): Promise<string[]> => {
    const now = world.clock.now();
    const standing = await loadStanding(db, world);
    return sayTroubles(troublesOf({ standing, reaches: reachedBy(world.config(), world.simulated), now }), { now, zone: world.config().timezone });
  };
