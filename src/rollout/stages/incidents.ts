import type { Stage } from './stage.ts';
import { wait } from './stage.ts';

/** Nobody changes hosts that are in trouble; what helps them goes on. */
export const incidents: Stage = {
  name: 'incident',
  look(at) {
    const { run, world } = at;
    const [first, ...more] = world.incidents;
    if (!first || run.plan.safe || run.plan.containment) return undefined;
    const others = more.length > 0 ? ` and ${more.length} more` : '';
    return wait(at, { for: 'incident', because: `${first.id} (${first.severity}: ${first.title})${others} is open on hosts of ${run.id}` });
  },
};
