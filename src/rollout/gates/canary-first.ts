import type { Gate } from '../stages/stage.ts';

/** A canary that had nothing to do, or that a rule left out, proves nothing: then the next hosts are the canary, until one did well. */
export const canaryFirst: Gate = {
  name: 'canary first',
  look(_, { run, going, taken }) {
    const [size] = run.plan.pace.first;
    if (size === undefined || (run.counts.ok ?? 0) > 0 || Object.keys(run.forgiven).length > 0) return undefined;
    return going.length + taken.begun() >= size
      ? { for: 'hosts', because: `no host of ${run.id} has done well yet: ${size} at once until one has` }
      : undefined;
  },
};
