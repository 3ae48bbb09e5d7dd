import type { Gate } from '../stages/stage.ts';

/** Two runs never work on one host; what helps it does not wait. */
export const sameHost: Gate = {
  name: 'same host',
  look({ host }, { run, taken }) {
    if (run.plan.safe) return undefined;
    const other = taken.elsewhere(host);
    // What puts back is about the very host the other run holds.
    return other === undefined || other === run.plan.of ? undefined : { for: 'budget', because: `${other} holds ${host}`, on: [`host:${host}`] };
  },
};
