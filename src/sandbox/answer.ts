import { readCheckArgs } from '../fleet/scripts/check-args.ts';
import type { Call } from './call.ts';
import { certificates } from './certificates/answer.ts';
import { certsBack, certsKeep } from './certificates/keep.ts';
import { certsDo, certsLook } from './certificates/renew.ts';
import { checkAnswer } from './check-answer.ts';
import { factsOf, type HostModel } from './model.ts';
import { NAMED_ANSWERS } from './named-scripts.ts';
import { patchBack, patchBegin, patchLook, patchOff, patchPlan } from './patch.ts';
import { probeRows } from './probes.ts';
import { boot, drainGuests, kernelOnce, reboot, rebootOff } from './reboot-answers.ts';
import type { RosterHost } from './roster.ts';
import { lines, type Simulated, type SimulatedAnswer } from './simulated.ts';
import { refusal } from './ssh-host.ts';
import { lookUpdates, pauseUpdates, policyUpdates, resumeUpdates, unloadKernelcare } from './updates.ts';
import { virshAnswer } from './virsh-answer.ts';

/** What a simulated host says to a script, and what it becomes by it; unknown names and versions are refused. `now` is domain time. */
export function answerCall(
  call: Call,
  host: RosterHost,
  model: HostModel,
  now: number,
  fleet: ReadonlyMap<string, HostModel> = new Map(),
  root?: string,
): SimulatedAnswer {
  const script = `${call.script} v${call.version}`;
  const simulated = Object.hasOwn(SCRIPTS, script) ? SCRIPTS[script] : undefined;
  return simulated
    ? simulated({ args: call.args, host, model, now, fleet, ...(root !== undefined && { root }) })
    : refusal(`script ${script} is not known here`);
}

/** One line for each script; how it is answered stands in a file of its own, named for what it is about. */
const SCRIPTS: Record<string, Simulated> = {
  'certs v1': certificates('certs v1'),
  'certs-root v1': certificates('certs-root v1'),
  'certs-keep v1': certsKeep,
  'certs-back v1': certsBack,
  'certs-do v1': certsDo,
  'certs-look v1': certsLook,
  'check v1': ({ args, host, model, now, fleet }) => {
    const probes = readCheckArgs(args);
    if (!probes) return refusal('the arguments of check are no service probes');
    const facts = factsOf(host, model, now, fleet);
    return { code: 0, stdout: checkAnswer({ ...(probes.length > 0 ? { probes: probeRows(probes, facts) } : {}), ...facts }), stderr: '' };
  },
  'pause-updates v1': pauseUpdates,
  'look-updates v1': lookUpdates,
  'resume-updates v1': resumeUpdates,
  'policy-updates v1': policyUpdates,
  'unload-kernelcare v1': unloadKernelcare,
  'boot v1': boot,
  'reboot v1': reboot,
  'reboot-off v1': rebootOff,
  'kernel-once v1': kernelOnce,
  'drain-guests v1': drainGuests,
  'patch-plan v1': patchPlan,
  'patch v1': patchBegin,
  'patch-look v1': patchLook,
  'patch-off v1': patchOff,
  'patch-back v1': patchBack,
  ...NAMED_ANSWERS,
  'reach v1': ({ host }) => lines('reach v1', { hostname: host.name }),
  'virsh v1': virshAnswer,
};
