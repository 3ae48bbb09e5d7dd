import type { Gate } from '../stages/stage.ts';

/** A run that broke the glass goes one by one. */
export const atOnce: Gate = {
  name: 'at once',
  look({ host }, { run, taken }) {
    if (run.atOnce === undefined) return undefined;
    const held = taken.hosts.size - (taken.hosts.has(host) ? 1 : 0);
    return held >= run.atOnce ? { for: 'hosts', because: `${run.id} broke the glass: ${run.atOnce} at once` } : undefined;
  },
};
