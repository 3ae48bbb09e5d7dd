import type { Config } from '../config/schema.ts';
import type { Tell } from '../deliver/tell.ts';
import type { Roster } from '../escalation/roster.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Clock } from '../lib/clocks.ts';
import type { Person } from '../people.ts';
import type { Queries } from '../store/db.ts';

/** What incidents need of the rest. */
export interface IncidentsWorld {
  clock: Clock;
  config(): Config;
  fleet(): Fleet;
  people(): readonly Person[];
  roster(db: Queries): Promise<Roster>;
  tell: Tell;
}
