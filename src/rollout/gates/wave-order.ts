import type { Gate } from '../stages/stage.ts';

/** Nobody of a later wave goes before the waves before it have ended. */
export const waveOrder: Gate = {
  name: 'wave order',
  look: ({ wave }, { run }) => (wave > run.wave ? { for: 'hosts', because: `wave ${run.wave + 1} of ${run.plan.waves} has not ended` } : undefined),
};
