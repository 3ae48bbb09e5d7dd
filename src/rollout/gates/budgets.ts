import type { Gate } from '../stages/stage.ts';

/** Kinds of budget there are; each is a gate of its own. What no kind knows is bounded all the same. */
const KINDS = ['run', 'site', 'hypervisors', 'parent', 'redundancy', 'cluster', 'group'];

export const budgets: readonly Gate[] = [
  ...KINDS.map((kind) => gate(`budget ${kind}`, (of) => of === kind)),
  gate('budget of another kind', (of) => !KINDS.includes(of)),
];

/** A net under the event by which places are given back. */
const LOOK_AGAIN = 15 * 60_000;

/** At no instant, over all runs and all workers, does a budget go over (promise 7). */
function gate(name: string, isMine: (kind: string) => boolean): Gate {
  return {
    name,
    look({ host, claims }, { run, taken, now }) {
      for (const budget of claims) {
        if (!isMine(budget.slice(0, budget.indexOf(':')))) continue;
        // A plan names each budget it claims; one it does not name has one place.
        const limit = run.plan.limits[budget] ?? 1;
        const held = taken.others(budget, host);
        if (held < limit) continue;
        return { for: 'budget', because: `${budget} has ${held} of ${limit} (${taken.by(budget, host)})`, until: now + LOOK_AGAIN, on: [budget] };
      }
      return undefined;
    },
  };
}
