import { sayDuration } from '../../lib/duration.ts';
import { ringOpens } from '../ring-opens.ts';
import type { PlannedRing } from '../shapes.ts';
import { when } from '../words.ts';
import { type Deciding, type Ruling, ringName, ringOf, type Stage, wait } from './stage.ts';

/** Days pass between rings. */
export const ringSoak: Stage = {
  name: 'ring soak',
  look: (at) => opens(at, (ring) => ({ ...ring, workingMorning: false })),
};

/** What shows itself only under load of a working day has had one. */
export const workingMorning: Stage = {
  name: 'working morning',
  look: (at) => opens(at, (ring) => ({ ...ring, soakBefore: 0 })),
};

function opens(at: Deciding, asked: (ring: PlannedRing) => PlannedRing): Ruling | undefined {
  const { run, now, world } = at;
  const ring = run.plan.rings[at.ring];
  if (at.ring === 0 || !ring || run.ringEnded === undefined || run.wave !== ring.firstWave) return undefined;
  if (now >= ringOpens(asked(ring), run.ringEnded, world.zone).at) return undefined;
  const { at: from, because } = ringOpens(ring, run.ringEnded, world.zone);
  return wait(at, { for: 'ring soak', because: `${ringName(at)} begins at ${when(from, now, world.zone)}: ${because}`, until: from });
}

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
