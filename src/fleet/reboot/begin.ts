import type { Step, StepContext } from '../../jobs.ts';
import { checkHost } from '../check-host.ts';
import { checkParams } from '../check-params.ts';
import type { Facts, Host } from '../host.ts';
import { answerOf } from '../scripts/said.ts';
import { drain, hookedGroups, returnToService } from './hooks.ts';
import { expectedKernel } from './kernel.ts';
import type { RebootParams } from './params.ts';
import { fenceOf, readRebootMemory } from './remembered.ts';

type Context = StepContext<RebootParams>;

/** Seconds: a host that has been up for less is not rebooted again. */
const LEAST_UP = 600;
/** Domain milliseconds from the host's `shutdown -r +1` to its going down. */
const DELAY = 60_000;
const SCRIPT = 'reboot v1';

/** Looks whether anything speaks against it, records what is there now, then drains. */
export async function prepareReboot(host: Host, context: Context): Promise<Step> {
  const { boot, drains, recent } = readRebootMemory(context.memory);
  if (recent !== undefined) return leaveInService(host, context, recent);
  if (boot === undefined) return look(host, context);
  const drained = await drain(host, context);
  if (drained.step !== 'done') return drained;
  const readyAt = context.clock.now();
  if (Object.keys(drains).length === 0) return { step: 'done', remember: { readyAt } };
  return { step: 'done', remember: { readyAt, guestsAway: await guestsGone(host, context) } };
}

async function look(host: Host, context: Context): Promise<Step> {
  const answer = answerOf(await context.script('reboot', ['look', context.intent, '', String(LEAST_UP), wordsOf(context)]), SCRIPT);
  if ('wrong' in answer) return { step: 'end', outcome: 'failed', detail: `not begun: ${answer.wrong}` };
  const { values, lists } = answer.said;
  const against = lists.blocked ?? [];
  const drainable = hookedGroups(host, context.params).filter((group) => group.drain);
  const [only] = against;
  if (only?.startsWith(RECENT) && against.length === 1) {
    const drains = Object.fromEntries(drainable.map(({ group }) => [group, 'done']));
    return { step: 'wait', lookAgainIn: 1, waitingFor: 'its return to service', remember: { recent: only, drains, intent: context.intent } };
  }
  if (against.length > 0) return { step: 'end', outcome: 'failed', detail: `not begun: ${against.join('; ')}` };
  if (!values.boot || !BOOT.test(values.boot_id ?? '')) return { step: 'end', outcome: 'failed', detail: 'not begun: it does not say which boot this is' };
  const newest = expectedKernel(context.baseline ?? {});
  const remember = {
    intent: context.intent,
    boot: values.boot,
    boot_before: values.boot_id,
    lookedAt: context.clock.now(),
    ...(values.kernel && { kernelBefore: values.kernel }),
    ...(newest !== undefined && { expectedKernel: newest }),
  };
  const drains = hookedGroups(host, context.params).some((group) => group.drain);
  return drains
    ? { step: 'wait', lookAgainIn: 1, waitingFor: 'its drain', remember }
    : { step: 'done', remember: { ...remember, readyAt: context.clock.now() } };
}

/** How reboot.sh begins what it says of a host that has just booted: it has what is wanted, and another boot so soon is a loop. */
const RECENT = 'it booted only ';

/** An earlier try of ours may have drained it and lost sight of it. */
async function leaveInService(host: Host, context: Context, recent: string): Promise<Step> {
  const served = await returnToService(host, context);
  return served.step === 'done' ? { step: 'end', outcome: 'already', detail: `not rebooted again: ${recent}` } : served;
}

/** As the kernel writes them; whatever else is told instead is no boot id. */
export const BOOT = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Guests that ran here before and do not now: where they are is the drain's business, not a loss. */
async function guestsGone(host: Host, context: Context): Promise<string[]> {
  const before = guestsIn(context.baseline);
  if (before.length === 0) return [];
  const { facts } = await checkHost(host, { params: checkParams(context.config), clock: context.clock, script: context.script });
  const now = new Set(guestsIn(facts));
  return before.filter((guest) => !now.has(guest));
}

function guestsIn(facts: Facts | undefined): string[] {
  const guests = facts?.guests;
  return Array.isArray(guests) ? guests.filter((guest) => typeof guest === 'string') : [];
}

/** Tells the host to reboot, once: it compares its boot with the one that was looked at and takes the intent, in one exec. */
export async function actReboot(host: Host, context: Context): Promise<Step> {
  const memory = readRebootMemory(context.memory);
  // A person let it go on whose drain had failed: that is finished first.
  const made = await drain(host, context);
  if (made.step !== 'done') return made;
  const asked = context.clock.now();
  const answer = answerOf(
    await context.script('reboot', ['begin', fenceOf(memory, context.intent), memory.boot ?? '', String(LEAST_UP), wordsOf(context)]),
    SCRIPT,
  );
  const now = context.clock.now();
  if ('wrong' in answer) {
    if (answer.began)
      return {
        step: 'done',
        detail: 'whether it was told to reboot is not known: looking',
        remember: { toldAt: context.since, downAt: now + DELAY, unsure: true },
      };
    if (!answer.lost) return { step: 'end', outcome: drained(memory) ? 'held' : 'failed', detail: `not begun: ${answer.wrong}` };
    // Not the first to ask: a worker before may have told it, and died before that was written. Then it is away because it reboots.
    if (memory.unanswered === undefined && asked - context.since > AT_ONCE)
      return {
        step: 'done',
        detail: 'it may have been told by a worker that died: looking',
        remember: { toldAt: context.since, downAt: now, unsure: true },
      };
    if (now - context.since < PATIENCE)
      return { step: 'wait', lookAgainIn: 10_000, waitingFor: `${host.name} to answer (${answer.wrong})`, remember: { unanswered: true } };
    return { step: 'end', outcome: 'lost', detail: `it stopped answering before it was told to reboot (${answer.wrong})` };
  }
  const { values, lists } = answer.said;
  const scheduled = Number(values.scheduled) * 1000;
  // A crash came between: it was told since this step began, and may be going down by now.
  if (values.fence === 'already') {
    const downAt = scheduled > context.since && scheduled <= now + 2 * DELAY ? scheduled : now;
    return { step: 'done', detail: 'it had been told already', remember: { toldAt: context.since, downAt } };
  }
  if (values.failed) return { step: 'end', outcome: drained(memory) ? 'held' : 'failed', detail: `it could not be told to reboot: ${values.failed}` };
  if (values.fence === 'taken') return { step: 'done', detail: 'it goes down in a minute', remember: { toldAt: context.since, downAt: now + DELAY } };
  const against = (lists.blocked ?? []).join('; ') || 'it gave no reason';
  return { step: 'end', outcome: drained(memory) ? 'held' : 'failed', detail: `not begun: ${against}` };
}

/** Domain milliseconds a host may be away between the look at it and the act. */
const PATIENCE = 60_000;
/** Domain milliseconds from the end of one step to the beginning of the next, where nothing came between. */
const AT_ONCE = 5_000;

/** Half-prepared: a person decides whether it goes on, goes back, or stays as it is. */
const drained = ({ drains }: { drains: Record<string, string> }): boolean => Object.keys(drains).length > 0;

const wordsOf = ({ run }: Context): string => `run ${run.id} by ${run.by}`;
