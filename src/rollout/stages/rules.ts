import type { Stage } from './stage.ts';

/** Rules made since the plan: hosts may drop out, never join (promise 9). */
export const rules: Stage = {
  name: 'rule',
  look(at) {
    at.waiting = at.waiting.filter(({ host, wave }) => {
      // Not before its turn: the rule may be gone by then.
      const rule = wave <= at.run.wave ? at.world.excluded[host] : undefined;
      if (rule) at.skip.push({ host, ...rule });
      return !rule;
    });
    return undefined;
  },
};
