import type { AnsweringConfig } from '../escalation/answering.ts';
import type { Fleet, Targets } from '../fleet/fleet.ts';
import { resolveTarget } from '../fleet/target/resolve.ts';
import { liveSets } from '../live-sets.ts';
import type { Person } from '../people.ts';
import type { Queries } from '../store/db.ts';
import { knownHosts } from './knowledge.ts';

/** Target expressions with what is known of hosts and the live sets of this database. */
export function targetsIn(db: Queries, world: { fleet(): Fleet; config(): AnsweringConfig }): (expression: string, actor: Person) => Promise<Targets> {
  const sets = liveSets(db, world);
  return (expression) => resolveTarget(expression, { fleet: world.fleet(), known: (hosts) => knownHosts(db, hosts), live: sets.hosts, liveNames: sets.names });
}
