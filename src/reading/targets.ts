import type { Fleet, Targets } from '../fleet/fleet.ts';
import { resolveTarget } from '../fleet/target/resolve.ts';
import type { Person } from '../people.ts';
import type { Queries } from '../store/db.ts';
import { downHosts, knownHosts } from './knowledge.ts';

/** Target expressions with the live sets of this database: `@down` now; runs, incidents and holds bring theirs. */
export function targetsIn(db: Queries, fleet: () => Fleet): (expression: string, actor: Person) => Promise<Targets> {
  return (expression) =>
    resolveTarget(expression, {
      fleet: fleet(),
      known: (hosts) => knownHosts(db, hosts),
      live: async (name) => (name === 'down' ? downHosts(db) : undefined),
    });
}
