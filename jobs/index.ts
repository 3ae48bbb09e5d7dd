import type { Job } from '../src/jobs.ts';
import { certs } from './certs.ts';
import { check } from './check.ts';
import { patch } from './patch.ts';
import { patchSimulation } from './patch-simulation.ts';
import { pauseUpdates } from './pause-updates.ts';
import { policyUpdates } from './policy-updates.ts';
import { power } from './power.ts';
import { powerLook } from './power-look.ts';
import { reboot } from './reboot.ts';
import { resumeUpdates } from './resume-updates.ts';
import { rotateCerts } from './rotate-certs.ts';
import { script } from './script.ts';
import { scriptReading } from './script-reading.ts';
import { unloadKernelcare } from './unload-kernelcare.ts';

/** Everything that can be done to a host. Adding one is one file and one line here. */
export const jobs: readonly Job[] = [
  certs,
  check,
  patch,
  patchSimulation,
  pauseUpdates,
  policyUpdates,
  power,
  powerLook,
  reboot,
  resumeUpdates,
  rotateCerts,
  script,
  scriptReading,
  unloadKernelcare,
];
