import type { Memory, Step, StepContext } from '../../jobs.ts';
import type { Host } from '../host.ts';
import { answerOf } from '../scripts/said.ts';
import { actReboot, prepareReboot } from './begin.ts';
import { returnToService, undoDrains } from './hooks.ts';
import type { RebootParams } from './params.ts';
import { fenceOf, readRebootMemory } from './remembered.ts';
import { verifyReboot } from './verify.ts';

type Context = StepContext<RebootParams>;

/** Calls the reboot off while it has not happened, and only ours. `done` = it does not happen; `end` = it does, or nobody knows. */
export async function callOffReboot(_host: Host, context: Context): Promise<Step> {
  const memory = readRebootMemory(context.memory);
  const { boot, drains, calledOff } = memory;
  if (boot === undefined) return { step: 'done', detail: 'it had not been told yet' };
  const answer = answerOf(await context.script('reboot-off', [fenceOf(memory, context.intent), boot]), 'reboot-off v1');
  if ('wrong' in answer) return { step: 'end', outcome: 'unverified', detail: `whether the reboot could be called off is not known: ${answer.wrong}` };
  const { off, says } = answer.said.values;
  const still = Object.values(drains).some((state) => state !== 'back') ? '; it is still drained' : '';
  const remember = { calledOff: calledOff + 1 };
  if (off === 'done') return { step: 'done', detail: `the scheduled reboot was called off${still}`, remember };
  if (off === 'nothing' || off === 'other') return { step: 'done', detail: `no reboot of ours was scheduled on it${still}`, remember };
  return {
    step: 'end',
    outcome: 'unverified',
    detail: off === 'late' ? `too late to call it off: ${says ?? 'it is going down'}` : `it could not be called off: ${says ?? 'no reason given'}`,
  };
}

/** One line for `undo R1`. */
export function sayUndoReboot(memory: Memory): string {
  const { boot_after, kernelBefore, kernelAfter, drains } = readRebootMemory(memory);
  if (boot_after === undefined) return 'call off the reboot and take it back into service';
  if (kernelBefore !== undefined && kernelAfter !== undefined && kernelAfter !== kernelBefore)
    return `boot once into the kernel of before, ${kernelBefore} (it runs ${kernelAfter})`;
  return Object.values(drains).some((state) => state !== 'back') ? 'take it back into service' : 'nothing to put back: it rebooted into the same kernel';
}

/**
 * Before it went down: called off, and back into service. After: back into service, and into the kernel of before where that
 * changed, by a boot entry that counts once.
 */
export async function undoReboot(host: Host, context: Context): Promise<Step> {
  const before = readRebootMemory(context.memory);
  const again = nested(context);
  if (again.memory.stage === undefined) {
    const step = before.boot_after === undefined ? await callOffOnce(host, context) : undefined;
    if (step) return step;
    const served = await undoDrains(host, context);
    if (served.step !== 'done') return served;
    const { kernelBefore, kernelAfter } = before;
    if (kernelBefore === undefined || kernelAfter === undefined || kernelBefore === kernelAfter)
      return {
        step: 'done',
        detail: before.boot_after === undefined ? 'it does not reboot, and is in service' : 'nothing to put back: it rebooted into the same kernel',
      };
  }
  const stage = typeof again.memory.stage === 'number' ? again.memory.stage : 0;
  const step = await (STAGES[stage] as (typeof STAGES)[number])(
    host,
    { ...context, memory: again.memory, since: Number(again.memory.since ?? context.since) },
    before.kernelBefore ?? '',
  );
  if (step.step === 'end') return { ...step, remember: again.wrap(step.remember) };
  if (step.step === 'wait') return { ...step, remember: again.wrap({ stage, ...step.remember }) };
  if (stage + 1 === STAGES.length)
    return { step: 'done', detail: `it runs ${before.kernelBefore} again, until its next boot`, remember: again.wrap(step.remember) };
  return { step: 'wait', lookAgainIn: 1, waitingFor: 'the next', remember: again.wrap({ ...step.remember, stage: stage + 1, since: context.clock.now() }) };
}

/** The second reboot keeps its own account, so that it never takes the first one's fence or boot for its own. */
function nested({ memory }: Context): { memory: Memory; wrap(remember: Memory | undefined): Memory } {
  const inner = (memory.again ?? {}) as Memory;
  return { memory: inner, wrap: (remember = {}) => ({ again: { ...inner, ...remember } }) };
}

async function callOffOnce(host: Host, context: Context): Promise<Step | undefined> {
  if (context.memory.takenBack === true) return undefined;
  const off = await callOffReboot(host, context);
  if (off.step === 'done') return { step: 'wait', lookAgainIn: 1, waitingFor: 'its return to service', remember: { takenBack: true } };
  return off;
}

const STAGES: readonly ((host: Host, context: Context, kernel: string) => Promise<Step>)[] = [
  (host, context) => prepareReboot(host, context),
  bootOnce,
  (host, context) => actReboot(host, context),
  verifyThatKernel,
  (host, context) => returnToService(host, context),
];

async function bootOnce(_host: Host, context: Context, kernel: string): Promise<Step> {
  const answer = answerOf(await context.script('kernel-once', [kernel]), 'kernel-once v1');
  if ('wrong' in answer) return { step: 'end', outcome: 'failed', detail: `not begun: ${answer.wrong}` };
  const { entry, refused } = answer.said.values;
  if (entry === undefined) return { step: 'end', outcome: 'failed', detail: `not begun: ${refused ?? `there is no boot entry for ${kernel}`}` };
  return { step: 'done', detail: `next boot: ${entry}` };
}

async function verifyThatKernel(host: Host, context: Context, kernel: string): Promise<Step> {
  const step = await verifyReboot(host, context);
  const after = step.remember?.kernelAfter;
  if (step.step === 'done' && after !== kernel)
    return { ...step, step: 'end', outcome: 'failed', detail: `it came back with kernel ${String(after ?? 'unknown')}, not ${kernel}` };
  return step;
}
