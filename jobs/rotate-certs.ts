import { actRotation, prepareRotation } from '../src/fleet/certificates/begin.ts';
import { foreseeRotation } from '../src/fleet/certificates/foresee.ts';
import { goOn } from '../src/fleet/certificates/go-on.ts';
import { lookAgain } from '../src/fleet/certificates/look-again.ts';
import { RotateParams } from '../src/fleet/certificates/shapes.ts';
import { sayUndoRotation, undoRotation } from '../src/fleet/certificates/take-back.ts';
import { defineChange } from '../src/jobs.ts';

const hasPods = ({ hosts }: RotateParams): boolean => Object.values(hosts).some(({ reloads }) => reloads.some(({ kind }) => kind === 'static-pod'));

export const rotateCerts = defineChange({
  name: 'rotate certs',
  summary: 'Renews leaf certificates of a host and has them served; what does not hold is put back byte for byte, and no authority is ever written',
  risk: 'disrupt',
  params: RotateParams,
  compare: true,
  // The first that fails halts it: a command that wrote an authority once would write it on the next host as well.
  halts: { failed: 1, unverified: 1 },
  // A control plane loses a member while its pod is away: one after the other, wherever they stand.
  pace: (defaults, params) =>
    hasPods(params) ? { first: [1], hosts: 1, site: 1, soakCanary: defaults['soak.canary'], soakWave: defaults['soak.wave'] } : undefined,
  foresee: foreseeRotation,
  prepare: prepareRotation,
  act: actRotation,
  verify: goOn,
  settle: lookAgain,
  undo: undoRotation,
  sayUndo: (_host, memory) => sayUndoRotation(memory),
});
