import type { Person } from '../people.ts';
import { downHosts, knownHosts } from '../reading/knowledge.ts';
import type { Queries } from '../store/db.ts';
import type { Fleet, Targets } from './fleet.ts';
import { resolveTarget } from './target/resolve.ts';

/** Target expressions with the live sets of this database: `@down` now; runs, incidents and holds bring theirs. */
export function targetsIn(db: Queries, fleet: () => Fleet): (expression: string, actor: Person) => Promise<Targets> {
  return (expression) =>
    resolveTarget(expression, {
      fleet: fleet(),
      known: (hosts) => knownHosts(db, hosts),
      live: async (name) => (name === 'down' ? downHosts(db) : undefined),
    });
}
