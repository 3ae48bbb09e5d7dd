import { readCheckArgs } from '../fleet/scripts/check-args.ts';
import type { Call } from './call.ts';
import { checkAnswer } from './check-answer.ts';
import { factsOf, type HostModel } from './model.ts';
import { probeRows } from './probes.ts';
import type { RosterHost } from './roster.ts';
import { type Answer, refusal } from './ssh-host.ts';

/** What a simulated host says to a script; unknown names and versions are refused. `now` is domain time. */
export function answerCall(call: Call, host: RosterHost, model: HostModel, now: number): Answer {
  const script = `${call.script} v${call.version}`;
  const simulated = SCRIPTS[script];
  return simulated ? simulated(call.args, host, model, now) : refusal(`script ${script} is not known here`);
}

type Simulated = (args: readonly string[], host: RosterHost, model: HostModel, now: number) => Answer;

const SCRIPTS: Record<string, Simulated> = {
  'check v1': (args, host, model, now) => {
    const probes = readCheckArgs(args);
    if (!probes) return refusal('the arguments of check are no service probes');
    const facts = factsOf(host, model, now);
    return ok(checkAnswer({ ...(probes.length > 0 ? { probes: probeRows(probes, facts) } : {}), ...facts }));
  },
  'reach v1': (_args, host) => ok(`hostname=${host.name}\nend=reach v1\n`),
};

const ok = (stdout: string): Answer => ({ code: 0, stdout, stderr: '' });
