import { actPatch, preparePatch } from '../src/fleet/patch/begin.ts';
import { foreseePatch } from '../src/fleet/patch/foresee.ts';
import { verifyPatch } from '../src/fleet/patch/look.ts';
import { PatchParams } from '../src/fleet/patch/params.ts';
import { callOffPatch, sayPatchUndo, undoPatch } from '../src/fleet/patch/take-back.ts';
import { defineChange } from '../src/jobs.ts';

export const patch = defineChange({
  name: 'patch',
  summary: 'Upgrades the packages of a host by apt or dnf: simulated first, exactly that done, looked at until it is over',
  risk: 'disrupt',
  params: PatchParams,
  compare: true,
  foresee: foreseePatch,
  prepare: preparePatch,
  act: actPatch,
  verify: verifyPatch,
  callOff: callOffPatch,
  undo: undoPatch,
  sayUndo: (_host, memory) => sayPatchUndo(memory),
});
