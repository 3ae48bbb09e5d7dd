import type { Gate } from '../stages/stage.ts';

/** A run that broke the glass goes one by one. */
export const atOnce: Gate = {
  name: 'at once',
  look({ host }, { run, taken }) {
    if (run.atOnce === undefined) return undefined;
    const held = taken.busy() - (taken.isBusy(host) ? 1 : 0);
    return held >= run.atOnce ? { for: 'budget', because: `${run.id} broke the glass: ${run.atOnce} at once`, on: [`run:${run.id}`] } : undefined;
  },
};
