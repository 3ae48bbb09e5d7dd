import type { Step, StepContext } from '../../jobs.ts';
import { sayDuration } from '../../lib/duration.ts';
import { type Doing, stepOnHost } from './on-host.ts';
import { type RotateMemory, rememberRotation, type Stage } from './remembered.ts';
import type { HostRotation, Reload, Renewal, RotateParams } from './shapes.ts';

/** Domain ms between two looks, and for which a host may be silent in the middle of it. */
export const LOOK_AGAIN = 5_000;
const SILENCE = 10 * 60_000;
/** Domain ms that what serves a certificate has to come up with another one: a static pod is ended and started. */
export const PATIENCE = 3 * 60_000;

/** Where a rotation of one host stands. */
export interface At {
  context: StepContext<RotateParams>;
  memory: RotateMemory;
  plan: HostRotation;
}

/** The next stage, at once. */
export function enter({ context, memory }: At, stage: Stage, more: Partial<RotateMemory> = {}): Step {
  const remember = rememberRotation({ ...memory, stage, at: 0, since: context.clock.now(), silentSince: null, ...more });
  return { step: 'wait', lookAgainIn: 1, waitingFor: WAITS[stage], remember };
}

const WAITS: Record<Stage, string> = {
  renew: 'the renewal',
  judge: 'a look at what was renewed',
  reload: 'what serves it to read it again',
  served: 'the new certificate to be served',
  back: 'what there was to be put back',
  'back reload': 'what serves it to read the old one again',
  'back judge': 'a look at what was put back',
};

/** One renewal or reload after the other. */
export async function carry(at: At, steps: readonly (Renewal | Reload)[], prefix: string, then: Stage, failed = putBack): Promise<Step> {
  const { context, memory } = at;
  const step = steps[memory.at];
  if (step === undefined) return enter(at, then);
  const doing = await stepOnHost(context.script, memory.store, `${prefix}-${memory.at}`, step);
  if (doing.is === 'done') return enter(at, memory.stage, { at: memory.at + 1 });
  if (doing.is === 'failed') return failed(at, doing.why);
  if (doing.is === 'not known') return silent(at, doing);
  return { step: 'wait', lookAgainIn: LOOK_AGAIN, waitingFor: step.says, remember: rememberRotation({ ...memory, silentSince: null }) };
}

/** A host that does not answer in the middle of it is waited for: the step on it goes on by itself. */
export function silent({ context, memory }: At, { why, lost }: Pick<Extract<Doing, { is: 'not known' }>, 'why' | 'lost'>): Step {
  const now = context.clock.now();
  const since = memory.silentSince ?? now;
  if (now - since < SILENCE) {
    return { step: 'wait', lookAgainIn: LOOK_AGAIN, waitingFor: `it to answer again (${why})`, remember: rememberRotation({ ...memory, silentSince: since }) };
  }
  const detail = `no answer for ${sayDuration(now - since)} in the middle of it: ${why}. What there was is kept on the host under ${memory.store}`;
  return { step: 'end', outcome: lost ? 'lost' : 'unverified', detail };
}

/** Whatever went wrong, what there was is put back. */
export function putBack(at: At, why: string): Step {
  return enter(at, 'back', { why });
}
