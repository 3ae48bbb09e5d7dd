import { names } from '../words.ts';
import type { Stage } from './stage.ts';

/** The global halt: what has not begun never will, what has begun halts. Steps in the safe direction go on. */
export const stopped: Stage = {
  name: 'stop',
  look({ run, world, going }) {
    if (!world.stopped || run.plan.safe) return undefined;
    const because = `everything is stopped by ${world.stopped.by}${world.stopped.because ? ` (${world.stopped.because})` : ''}`;
    if (run.state === 'planned') return { state: 'cancelled', because: `${run.id} had not begun: ${because}` };
    const hosts = going.map(({ host }) => host);
    const inFlight = hosts.length > 0 ? `; ${names(hosts)} in flight` : '';
    return { state: 'halted', because: `${because}${inFlight}`, halt: { reason: 'stop', because: `${because}${inFlight}`, hosts } };
  },
};
