import { actReboot, prepareReboot } from '../src/fleet/reboot/begin.ts';
import { foreseeReboot } from '../src/fleet/reboot/foresee.ts';
import { returnToService } from '../src/fleet/reboot/hooks.ts';
import { RebootParams } from '../src/fleet/reboot/params.ts';
import { callOffReboot, sayUndoReboot, undoReboot } from '../src/fleet/reboot/take-back.ts';
import { verifyReboot } from '../src/fleet/reboot/verify.ts';
import { defineChange } from '../src/jobs.ts';

export const reboot = defineChange({
  name: 'reboot',
  summary: 'Takes a host out of service, reboots it once, sees it come back as the same host with another boot, and takes it into service again',
  risk: 'disrupt',
  params: RebootParams,
  compare: true,
  foresee: foreseeReboot,
  prepare: prepareReboot,
  act: actReboot,
  verify: verifyReboot,
  settle: returnToService,
  callOff: callOffReboot,
  undo: undoReboot,
  sayUndo: (_host, memory) => sayUndoReboot(memory),
});
