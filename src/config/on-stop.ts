import { z } from 'zod';
import { text } from './fields.ts';
import { SCRIPT_NAME } from './scripts.ts';

/** Scripts that stop our own automation when everything is stopped: each on some hosts, with its parameters. */
export const OnStopEntries = z
  .array(
    z.strictObject({
      script: z.string().regex(SCRIPT_NAME, 'is no name for a script').describe('One of `scripts:`'),
      on: text().describe('Hosts it runs on, as a target'),
      params: z.record(z.string(), z.union([z.string(), z.number()]).transform(String)).default({}),
    }),
  )
  .describe('Run when everything is stopped: what stops your own automation');
