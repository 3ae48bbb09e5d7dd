import { z } from 'zod';
import { argsOf } from '../src/fleet/scripts/parameters.ts';
import { ranOf } from '../src/fleet/scripts/ran.ts';
import { defineRead } from '../src/jobs.ts';

/** A named script of risk `read`: it changes nothing, so it is asked like a check, of all hosts at once and without a run. */
export const scriptReading = defineRead({
  name: 'script reading',
  summary: 'Runs a script of risk `read` named in holdfast.yaml',
  risk: 'read',
  params: z.object({ name: z.string(), sha256: z.string(), timeout: z.number(), params: z.record(z.string(), z.string()) }),
  async act(host, { params, script, known }) {
    const began = performance.now();
    const ran = ranOf(await script(`${params.name}@${params.sha256}`, argsOf(params.params), params.timeout));
    // It says nothing about facts and findings: what is known of them stays.
    const base = { host: host.name, reach: ran.reach, ms: Math.round(performance.now() - began), ...(known && { findings: known.findings }) };
    if (ran.code === undefined) return { ...base, outcome: 'lost', detail: ran.says };
    return { ...base, outcome: ran.code === 0 ? 'ok' : 'failed', output: ran.code === 0 ? ran.output : `exit ${ran.code}\n${ran.output}` };
  },
});
