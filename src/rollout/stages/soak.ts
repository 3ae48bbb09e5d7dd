import { sayDuration } from '../../lib/duration.ts';
import { when } from '../words.ts';
import type { Stage } from './stage.ts';
import { ringName, ringOf, wait } from './stage.ts';

/** Days pass between rings. */
export const ringSoak: Stage = {
  name: 'ring soak',
  look(at) {
    const { run, now, world } = at;
    const ring = run.plan.rings[at.ring];
    if (at.ring === 0 || !ring || run.ringEnded === undefined || run.wave !== ring.firstWave) return undefined;
    const opens = run.ringEnded + ring.soakBefore;
    if (now >= opens) return undefined;
    const before = run.plan.rings[at.ring - 1]?.name;
    return wait(at, {
      for: 'ring soak',
      because: `${ringName(at)} begins at ${when(opens, now, world.zone)}: ${before} is watched for ${sayDuration(ring.soakBefore)}`,
      until: opens,
    });
  },
};

/** Minutes pass between waves, more after the canary. */
export const soak: Stage = {
  name: 'soak',
  look(at) {
    const { run, now, world } = at;
    if (run.wave === 0 || run.waveEnded === undefined) return undefined;
    const { pace, rings, waves } = run.plan;
    const before = run.wave - 1;
    const wasCanary = pace.first.length > 0 && rings[ringOf(rings, before)]?.firstWave === before;
    const length = wasCanary ? pace.soakCanary : pace.soakWave;
    const opens = run.waveEnded + length;
    if (now >= opens) return undefined;
    const because = `${wasCanary ? 'the canary' : `wave ${before + 1} of ${waves}`} is watched for ${sayDuration(length)}, until ${when(opens, now, world.zone)}`;
    return wait(at, { for: 'soak', because, until: opens });
  },
};
