import type { Job } from '../src/jobs.ts';
import { check } from './check.ts';
import { power } from './power.ts';
import { powerLook } from './power-look.ts';
import { script } from './script.ts';
import { scriptReading } from './script-reading.ts';

/** Everything that can be done to a host. Adding one is one file and one line here. */
export const jobs: readonly Job[] = [check, power, powerLook, script, scriptReading];
