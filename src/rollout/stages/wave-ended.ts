import type { Stage } from './stage.ts';
import { ringOf } from './stage.ts';

/** A wave ends when each of its hosts has: the next one, the next ring, or the end. */
export const waveEnded: Stage = {
  name: 'wave ended',
  look(at) {
    const { run, now, waiting, going } = at;
    if ([...waiting, ...going].some(({ wave }) => wave <= run.wave)) return undefined;
    const { waves, rings } = run.plan;
    if (run.wave >= waves - 1) {
      // Those of later waves than the current one: a run that went back to try again.
      if (going.length > 0) return undefined;
      return { state: 'done', because: `${run.id} is done: every host has its outcome` };
    }
    const next = run.wave + 1;
    const ringDone = ringOf(rings, next) !== at.ring;
    const name = rings[at.ring]?.name;
    at.looks.push(now);
    return {
      state: 'running',
      because: ringDone ? `ring ${name} has ended, ${rings[at.ring + 1]?.name} is next` : `wave ${next} of ${waves} has ended`,
      wave: next,
      // Also where rules left out its whole first wave.
      begunAt: run.begunAt ?? now,
      // A wave in which nobody was touched leaves the watch over the one before as it is.
      ...(run.hosts.some(({ wave, started }) => wave === run.wave && started !== undefined) && { waveEnded: now }),
      ...(ringDone && { ringEnded: now }),
    };
  },
};
