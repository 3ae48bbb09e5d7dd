import type { Queries } from '../store/db.ts';
import { sayTroubles } from './card.ts';
import { lookAtPeople } from './look.ts';
import type { WatchWorld } from './watch.ts';

/** What a check of the whole fleet says of people: because of which a page may reach nobody. */
export const peopleFindings =
  (world: Omit<WatchWorld, 'tell'>) =>
  async (db: Queries): Promise<string[]> => {
    const { troubles, now } = await lookAtPeople(db, world);
    return sayTroubles(troubles, { now, zone: world.config().timezone });
  };
