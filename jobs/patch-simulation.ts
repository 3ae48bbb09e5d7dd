import { packagesIn, readPatchAnswer } from '../src/fleet/patch/answer.ts';
import { SIMULATE_TIME, yesno } from '../src/fleet/patch/begin.ts';
import { judgeSimulation, saySimulation } from '../src/fleet/patch/judge.ts';
import { PatchParams, patternsFor } from '../src/fleet/patch/params.ts';
import { defineRead } from '../src/jobs.ts';

/** What an upgrade would do on each host, before anybody is asked to agree to one. It refreshes lists of packages and changes nothing else. */
export const patchSimulation = defineRead({
  name: 'patch simulation',
  summary: 'Asks a host what an upgrade would install and restart',
  risk: 'read',
  params: PatchParams,
  async act(host, { params, script, known, clock }) {
    const began = performance.now();
    const result = await script('patch-plan', ['yes', yesno(params.kernel), ...patternsFor(host.name, params, [])], SIMULATE_TIME);
    const answer = readPatchAnswer(result, 'patch-plan v1');
    const base = { host: host.name, reach: result.reach, ms: Math.round(performance.now() - began), ...(known && { findings: known.findings }) };
    if ('unanswered' in answer) return { ...base, outcome: answer.reached ? 'failed' : 'lost', detail: answer.unanswered, output: answer.unanswered };
    const verdict = judgeSimulation(answer, params);
    const output = saySimulation(answer, verdict);
    if ('not' in verdict || 'wait' in verdict) return { ...base, outcome: 'failed', output };
    const facts = {
      ...known?.facts,
      updates_pending: packagesIn(answer.lists.package).length,
      updates_restart: [...(answer.lists.restart ?? [])],
      updates_looked: new Date(clock.now()).toISOString(),
    };
    return { ...base, outcome: 'ok', output, facts };
  },
});
