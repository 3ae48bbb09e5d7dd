import type { Config } from '../config/schema.ts';
import type { ChannelName } from '../deliver/channel.ts';
import type { Tell } from '../deliver/tell.ts';
import type { Roster } from '../escalation/roster.ts';
import type { Clock } from '../lib/clocks.ts';
import type { Log } from '../ops.ts';
import type { Person } from '../people.ts';
import type { Queries } from '../store/db.ts';

/** What pages need of the rest. */
export interface PagingWorld {
  clock: Clock;
  log: Log;
  config(): Config;
  people(): readonly Person[];
  /** Who answers for what now: once for all pages that are due together. */
  roster(db: Queries): Promise<Roster>;
  /** The channels by which somebody can be reached as things are configured, whether or not this process holds their connections. */
  reaches(person: Person): readonly ChannelName[];
  /** Whether hosts can be named by this, `@web`. */
  isGroup(name: string): boolean;
  tell: Tell;
}
