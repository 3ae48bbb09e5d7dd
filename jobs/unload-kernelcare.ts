import { z } from 'zod';
import type { ExecResult } from '../src/fleet/ssh/transport.ts';
import { readHoldAnswer, sayUnanswered } from '../src/holds/answer.ts';
import { lacksAll, sayLacks } from '../src/holds/sources.ts';
import { defineChange, type Step, type StepContext } from '../src/jobs.ts';

/** Wall ms: taking a patch off waits for every task to leave the patched functions. */
const UNLOAD = 25_000;
const LOOK = 20_000;
/** Domain ms a host that fell silent while its patch was taken off gets to answer again. */
const SILENT = 60_000;

const Params = z.object({
  /** Hosts that were asked lately, when their updates were paused, and have no KernelCare. */
  without: z.array(z.string()),
});
export type UnloadParams = z.infer<typeof Params>;

export const unloadKernelcare = defineChange({
  name: 'unload kernelcare',
  summary: 'Takes the live patch off the running kernel: one host, watched, then a few of each site at a time',
  risk: 'disrupt',
  params: Params,
  containment: true,
  compare: true,
  pace: (defaults) => ({ first: [1], site: defaults['unload.site'], soakCanary: defaults['unload.canary'], soakWave: 0 }),
  foresee(host, { params, known, now }) {
    const lacking = lacksAll(known, ['kernelcare'], now) ?? (params.without.includes(host.name) ? ['kernelcare'] : undefined);
    const level = known?.facts.livepatch;
    const down = known !== undefined && known.reach !== 'ok';
    return {
      does: `unload ${typeof level === 'string' ? level : 'the KernelCare patch'}`,
      ...(lacking && { skip: { rule: 'nothing to unload', because: sayLacks(lacking) } }),
      ...(down && { skip: { rule: 'down', because: `does not answer (${known.reach}): nothing can be unloaded there` } }),
      estimate: { p50: 20_000, p95: 120_000 },
      class: host.parent ? 'vm' : 'metal',
    };
  },
  async prepare(_host, { intent, script }) {
    const seen = await ask(script, [intent, '', 'look'], LOOK);
    // Nothing was begun, so it is not by this that it is gone.
    if ('gone' in seen) return { step: 'end', outcome: 'unverified', detail: `not begun: ${seen.gone}` };
    if (seen.said.kernelcare === 'no') return { step: 'end', outcome: 'already', detail: sayLacks(['kernelcare']) };
    if (seen.said.unloaded === 'yes') return { step: 'end', outcome: 'already', detail: `no patch is loaded: ${seen.said.kernel ?? 'as booted'}` };
    const { boot_id, level, kernel_errors } = seen.said;
    return { step: 'done', remember: { boot_before: boot_id, level, kernel_errors: Number(kernel_errors) } };
  },
  async act(_host, { intent, memory, script }) {
    const done = await ask(script, [intent, String(memory.boot_before ?? ''), 'act'], UNLOAD);
    if ('gone' in done) return { step: 'done', remember: { silent: done.gone } };
    if (done.said.fence === 'rebooted') return { step: 'end', outcome: 'failed', detail: 'it rebooted by itself since it was looked at; nothing was done' };
    return { step: 'done', remember: { said: done.said.detail } };
  },
  verify,
});

/** From the host, by a look of its own: the kernel is the one it booted, and it is the same boot. */
async function verify(_host: unknown, { intent, memory, clock, since, script }: StepContext<UnloadParams>): Promise<Step> {
  const seen = await ask(script, [intent, '', 'look'], LOOK);
  if ('gone' in seen) {
    if (clock.now() - since < SILENT) return { step: 'wait', lookAgainIn: 10_000, waitingFor: `it to answer (${seen.gone})` };
    return { step: 'end', outcome: 'lost', detail: `no answer since its patch was taken off: ${seen.gone}` };
  }
  const { boot_id, unloaded, level, kernel, updates, kernel_errors } = seen.said;
  const remember = { boot_after: boot_id };
  if (boot_id !== memory.boot_before) return { step: 'end', outcome: 'lost', detail: 'it went down when its patch was taken off, and is up again', remember };
  if (unloaded !== 'yes') {
    if (memory.silent !== undefined && clock.now() - since < SILENT) return { step: 'wait', lookAgainIn: 10_000, waitingFor: 'the patch to be off' };
    return { step: 'end', outcome: 'failed', detail: `${level ?? 'the patch'} is still loaded${memory.said ? `: ${memory.said}` : ''}`, remember };
  }
  const grown = Number(kernel_errors) - Number(memory.kernel_errors ?? 0);
  if (grown > 0) return { step: 'end', outcome: 'failed', detail: `unloaded, and its kernel complains since (${grown} lines)`, remember };
  const again = updates === 'on' ? '; its updates are NOT paused and will put it back' : '';
  return { step: 'done', detail: `${memory.level ?? 'patch'} is off, ${kernel} as booted${again}`, remember };
}

async function ask(
  script: (name: string, args: readonly string[], timeout: number) => Promise<ExecResult>,
  args: readonly string[],
  timeout: number,
): Promise<{ said: Readonly<Record<string, string>> } | { gone: string }> {
  const result = await script('unload-kernelcare', args, timeout);
  if (result.reach !== 'ok') return { gone: sayUnanswered(result) };
  const { whole, said } = readHoldAnswer(result.stdout, 'unload-kernelcare v1');
  return whole ? { said } : { gone: sayUnanswered(result) };
}
