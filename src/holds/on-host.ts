import type { ExecResult } from '../fleet/ssh/transport.ts';
import type { Step } from '../jobs.ts';
import { type HoldAnswer, readHoldAnswer, sayUnanswered } from './answer.ts';

/** A hold as its scripts are told of it. */
export interface HoldOrder {
  /** Names it on the host, also between installations: `H1-20261120T132500`. */
  key: string;
  /** ISO. */
  until: string;
  owner: string;
  /** Empty = all there are. */
  sources: readonly string[];
  /** Units of the configuration that update too. */
  units: readonly string[];
}

type Script = (name: string, args: readonly string[], timeout: number) => Promise<ExecResult>;

/** Wall ms: stopping units and copying files, then reading it all again. */
const PAUSE = 25_000;
const LOOK = 15_000;
/** The scripts' own word for "another of us is at it". */
const BUSY = 75;
/** Domain ms. */
const BUSY_AGAIN = 15_000;

export type Answered = { state: 'answered'; answer: HoldAnswer } | Unanswered;
/** `busy`: another script of ours is at it. `silent`: nothing came back. `broken`: it answered, and not to the end. */
export type Unanswered = { state: 'busy' } | { state: 'silent'; detail: string } | { state: 'broken'; detail: string };

/** What that means for a host of a run. Whether anything began on one that is silent is not known. */
export function stepWithout(answer: Unanswered): Step {
  if (answer.state === 'busy') return { step: 'wait', lookAgainIn: BUSY_AGAIN, waitingFor: 'another script of ours on this host' };
  return { step: 'end', outcome: answer.state === 'silent' ? 'unverified' : 'failed', detail: answer.detail };
}

export const pauseOnHost = (script: Script, order: HoldOrder, by: { intent: string; run: string; because?: string }): Promise<Answered> =>
  ask(script, 'pause-updates', [by.intent, order.key, order.until, order.owner, by.run, by.because ?? '', order.units.join(' '), ...order.sources], PAUSE);

export const lookOnHost = (script: Script, order: Pick<HoldOrder, 'key' | 'sources' | 'units'>): Promise<Answered> =>
  ask(script, 'look-updates', [order.key, order.units.join(' '), ...order.sources], LOOK);

/** `record` = what was recorded, as Holdfast has it: for a host that lost its own. */
export const resumeOnHost = (script: Script, key: string, intent: string, record: readonly string[]): Promise<Answered> =>
  ask(script, 'resume-updates', [intent, key, ...record], PAUSE);

async function ask(script: Script, name: string, args: readonly string[], timeout: number): Promise<Answered> {
  const result = await script(name, args, timeout);
  if (result.reach !== 'ok') return { state: 'silent', detail: sayUnanswered(result) };
  if (result.code === BUSY) return { state: 'busy' };
  const answer = readHoldAnswer(result.stdout, `${name} v1`);
  return answer.whole && !result.cut ? { state: 'answered', answer } : { state: 'broken', detail: sayUnanswered(result) };
}
