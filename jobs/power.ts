import { z } from 'zod';
import { defaultsOf } from '../src/config/defaults.ts';
import { checkHost } from '../src/fleet/check-host.ts';
import { checkParams } from '../src/fleet/check-params.ts';
import type { Host } from '../src/fleet/host.ts';
import { backBy, cameBack } from '../src/fleet/power/came-back.ts';
import { powerEvidence, sayEvidence } from '../src/fleet/power/evidence.ts';
import { foreseePower } from '../src/fleet/power/foresee.ts';
import { askPower, type PowerAnswer, SWITCHES } from '../src/fleet/power/power.ts';
import { readPowerMemory } from '../src/fleet/power/remembered.ts';
import { isMetal } from '../src/fleet/reboot/verify.ts';
import { defineChange, type HostResult, type Step, type StepContext } from '../src/jobs.ts';

const PowerParams = z.object({
  action: z.enum(SWITCHES),
  /** Only a host that does not answer is touched; that is what makes a power cycle a step in the safe direction. */
  onlyDown: z.boolean(),
});
export type PowerParams = z.infer<typeof PowerParams>;

/** Domain milliseconds between two looks, and until a BMC must have done what it said. */
const LOOK_EVERY = 10_000;
const OFF_WITHIN = 120_000;
/** Wall milliseconds from the beginning of an act within which the BMC is told, or never. */
const FRESH = 20_000;

export const power = defineChange({
  name: 'power',
  summary: 'Switches a host on, off, or off and on again, from outside',
  risk: ({ action }) => (action === 'on' ? 'change' : 'disrupt'),
  params: PowerParams,
  // Switching on does nothing to a host that runs.
  safe: ({ action, onlyDown }) => action === 'on' || (action === 'cycle' && onlyDown),
  // What does not answer is down already: nothing more goes missing, and no other run's place is needed for it.
  pace: (defaults, { action, onlyDown }) =>
    action === 'on' || onlyDown ? { first: [1], hosts: defaults['batch.hosts'], soakCanary: 0, soakWave: 0, unbounded: true } : undefined,
  foresee: foreseePower,

  async prepare(host, context) {
    const { action, onlyDown } = context.params;
    const looked = await look(host, context);
    const answers = looked.reach === 'ok';
    if (answers && action === 'on') return { step: 'end', outcome: 'already', detail: 'it is on: it answers', looked };
    if (answers && onlyDown) {
      const detail = `it answers, so nothing was done: to ${sayAction(action)} a living host needs a second person (${action === 'off' ? 'power off' : 'power cycle'} ${host.name} again)`;
      return { step: 'end', outcome: 'held', detail, looked };
    }
    const evidence = await powerEvidence(host, context, context.clock.now());
    if ('wrong' in evidence) return { step: 'end', outcome: 'failed', detail: `nothing was done: ${evidence.wrong}` };
    if (evidence.power === action)
      return { step: 'end', outcome: 'already', detail: `its power is ${action} already${action === 'on' ? ', and it does not answer' : ''}` };
    // A BMC refuses to cycle what is off.
    const doing = action === 'cycle' && evidence.power === 'off' ? 'on' : action;
    const boot = answers ? looked.facts?.boot_id : context.known?.facts.boot_id;
    const event = { type: 'evidence', data: { ...evidence } };
    return { step: 'done', event, remember: { doing, evidence, ...(typeof boot === 'string' && { boot_before: boot }) } };
  },

  async act(host, context) {
    const { doing } = readPowerMemory(context.memory);
    const began = performance.now();
    // Not the time of now: after a crash this comes by a second time, and the host may have booted between.
    const switchedAt = context.since;
    // The last look belongs to the effect: begun again, a host that answers may answer because it was cycled.
    const did = await context.once(`power ${doing}`, async () => {
      const back = context.params.onlyDown && (await context.script('reach', [], 10_000)).reach === 'ok';
      // Whoever was frozen meanwhile has been given up: others have looked and decided since.
      if (performance.now() - began > FRESH) return { ok: false, says: 'this worker was away too long between looking and acting' } satisfies PowerAnswer;
      return back ? 'answers' : askPower({ host, action: doing, intent: context.intent }, context);
    });
    if (did === 'unsure') return { step: 'done', detail: 'whether it was switched is not known: looking', remember: { switchedAt, unsure: true } };
    if (did.answer === 'answers') return { step: 'end', outcome: 'held', detail: 'it answers again, so nothing was done' };
    if (did.answer.ok) return { step: 'done', detail: `power ${doing}`, remember: { switchedAt } };
    if (did.answer.maybe) return { step: 'done', detail: `perhaps switched: ${did.answer.says}`, remember: { switchedAt, unsure: true } };
    return { step: 'end', outcome: 'failed', detail: `nothing was done: ${did.answer.says}` };
  },

  verify: (host, context) => (readPowerMemory(context.memory).doing === 'off' ? verifyOff(host, context) : verifyBack(host, context)),
});

async function verifyOff(host: Host, context: StepContext<PowerParams>): Promise<Step> {
  const { switchedAt, unsure } = readPowerMemory(context.memory);
  const status = await askPower({ host, action: 'status' }, context);
  if (status.ok && status.power === 'off') return { step: 'done', detail: 'power off' };
  if (context.clock.now() < switchedAt + OFF_WITHIN) return { step: 'wait', lookAgainIn: LOOK_EVERY, waitingFor: 'its power to be off' };
  if (!status.ok) return { step: 'end', outcome: 'unverified', detail: `${status.says}: whether it is off is not known. ${LOOK_OR_ASK}` };
  return { step: 'end', outcome: 'failed', detail: unsure ? 'it was not switched off: its power is on' : 'it was told to go off, and its power is still on' };
}

async function verifyBack(host: Host, context: StepContext<PowerParams>): Promise<Step> {
  const { doing, switchedAt, unsure, bootBefore, evidence } = readPowerMemory(context.memory);
  const metal = isMetal(host, context.known?.facts.virt);
  const deadline = backBy({ from: switchedAt, metal, p95: context.predicted.p95, defaults: defaultsOf(context.config) });
  const found = cameBack({ result: await context.script('boot', [], 10_000), bootBefore, switchedAt, now: context.clock.now(), deadline });
  if (found.is === 'not yet') return { step: 'wait', lookAgainIn: LOOK_EVERY, waitingFor: `it to be back (${found.says})` };
  if (found.is === 'back') {
    const looked = await look(host, context);
    const detail = `back with boot id ${found.bootId}; before: ${sayEvidence(evidence)}`;
    return { step: 'done', detail, remember: { boot_after: found.bootId }, ...(looked.outcome === 'ok' && { looked }) };
  }
  if (found.is === 'same boot') {
    if (unsure) return { step: 'end', outcome: 'unverified', detail: `it answers and has not booted since: it was not switched. ${LOOK_OR_ASK}` };
    return { step: 'end', outcome: 'failed', detail: `it answers with the boot of before: power ${doing} did not reach it` };
  }
  const status = await askPower({ host, action: 'status' }, context);
  const said = status.ok ? `power ${status.power}` : status.says;
  if (unsure) return { step: 'end', outcome: 'unverified', detail: `whether it was switched is not known, and it does not answer (${said}). ${LOOK_OR_ASK}` };
  return { step: 'end', outcome: 'lost', detail: `no answer since power ${doing} (${said}; before: ${sayEvidence(evidence)})` };
}

const LOOK_OR_ASK = 'Look, or ask somebody there; nothing is switched a second time by itself';

const look = (host: Host, context: StepContext<PowerParams>): Promise<HostResult> =>
  checkHost(host, { params: checkParams(context.config), clock: context.clock, script: context.script, ...(context.known && { known: context.known }) });

const sayAction = (action: PowerParams['action']): string => (action === 'cycle' ? 'power cycle' : `switch ${action}`);
