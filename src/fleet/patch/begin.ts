import type { Step, StepContext } from '../../jobs.ts';
import { sayDuration } from '../../lib/duration.ts';
import type { Host } from '../host.ts';
import { readPatchAnswer } from './answer.ts';
import { judgeSimulation } from './judge.ts';
import { type PatchParams, patternsFor } from './params.ts';

/** Wall ms: refreshing lists of packages goes over the network, bounded to 60 s by the script itself. */
export const SIMULATE_TIME = 120_000;
/** Domain ms for which somebody else's upgrade is waited for, before ours begins and again on the host. */
const LOCK_PATIENCE = 30 * 60_000;
const LOCK_LOOK = 60_000;

/** Simulates, and ends here where the host must not be touched now. */
export async function preparePatch(host: Host, context: StepContext<PatchParams>): Promise<Step> {
  const { params, clock, since } = context;
  const patterns = patternsFor(host.name, params, await context.keptOff());
  const answer = readPatchAnswer(await context.script('patch-plan', ['yes', yesno(params.kernel), ...patterns], SIMULATE_TIME), 'patch-plan v1');
  if ('unanswered' in answer) return { step: 'end', outcome: 'failed', detail: `not begun: ${answer.unanswered}` };
  const verdict = judgeSimulation(answer, params);
  if (verdict.go) return { step: 'done', detail: verdict.says, remember: { ...verdict.remember, patterns } };
  if ('nothing' in verdict) return { step: 'end', outcome: 'already', detail: verdict.nothing };
  if ('not' in verdict) return { step: 'end', outcome: 'failed', detail: verdict.not };
  if (clock.now() - since < LOCK_PATIENCE) return { step: 'wait', lookAgainIn: LOCK_LOOK, waitingFor: verdict.wait };
  return { step: 'end', outcome: 'failed', detail: `not begun: ${verdict.wait}, for ${sayDuration(LOCK_PATIENCE)}` };
}

/** Begins what was simulated, and only that; the host goes on by itself. */
export async function actPatch(_host: Host, context: StepContext<PatchParams>): Promise<Step> {
  const { sum, patterns } = context.memory as { sum: string; patterns: string[] };
  return beginOnHost(context, ['upgrade', sum, yesno(context.params.kernel), String(LOCK_PATIENCE / 60_000), ...patterns]);
}

/** The host takes the intent for itself; who comes second is told so and looks, as one whose connection broke. */
export async function beginOnHost(context: StepContext<PatchParams>, words: readonly string[]): Promise<Step> {
  const answer = readPatchAnswer(await context.script('patch', [context.intent, ...words], 20_000), 'patch v1');
  if ('unanswered' in answer) return { step: 'done', detail: `whether it began is looked at: ${answer.unanswered}` };
  if (answer.said.failed) return { step: 'end', outcome: 'failed', detail: `not begun: ${answer.said.failed}` };
  return { step: 'done', detail: answer.said.fence === 'already' ? 'it was begun before' : 'begun' };
}

export const yesno = (value: boolean): string => (value ? 'yes' : 'no');
