import type { Job } from '../src/jobs.ts';
import { check } from './check.ts';

/** Everything that can be done to a host. Adding one is one file and one line here. */
export const jobs: readonly Job[] = [check];
