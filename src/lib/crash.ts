/**
 * The named moments between a command and its answer at which a test kills the process (`HOLDFAST_CRASH_AT=<point>`,
 * read in cli.ts), or has it stand still until somebody sends SIGCONT (`HOLDFAST_FREEZE_AT=<point>`): a paused VM, a swapping
 * machine. `step.acted#3` = the third time it comes there. What holds at each is written in docs/reliability.md.
 */
export const CRASH_POINTS = [
  'inbox.committed', // the line is in the database, nobody was told so
  'inbox.acknowledged', // the sender was told "taken", nothing has handled it
  'dispatch.decided', // the command ran, its transaction is not committed
  'dispatch.committed', // work is in the outbox, the queue does not know
  'relay.read', // the relay holds rows it has not queued
  'relay.queued', // the queue has the job, the outbox does not say so
  'relay.marked', // both know
  'work.claimed', // a worker has the chunk, has asked no host
  'work.acted', // the hosts have answered, nothing is written
  'work.written', // results are committed, the queue still holds the job
  'run.planned', // a run is about to be written, nothing of it is
  'run.approved', // an approval is about to be written, nothing of it is
  'run.decided', // what starts now is decided, neither slots nor intents are written
  'run.started', // slots and intents are written, no host was touched
  'step.begun', // a phase of a host is written as begun, the host was not asked
  'step.acted', // the host did it, nothing says so
  'step.written', // the phase is written as done
  'alert.taken', // what a sender says is written, nobody is asked for it, nothing is committed
  'alert.handled', // its pages, incidents and timers are written too, not committed; the sender was told nothing
  'page.asked', // somebody is about to be asked for: the page and its timer are written, not committed
  'page.decided', // what is next with pages is decided, nothing of it is written
  'page.stepped', // tries, steps and events are written, not committed
  'page.answered', // an answer is written, not committed
  'incident.opened', // an incident is written with its event and its timer, not committed
  'incident.moved', // something that happened to one is recorded and in its rows, not committed
  'incident.channel', // a platform made a channel for one, and nothing of ours knows where it is
  'incident.told', // its card and what is announced are rows, not committed
  'attempt.begun', // a try of a page is taken and about to be sent, no provider was asked
  'attempt.sent', // the provider has it, the database does not know (looked up; one duplicate is allowed where that cannot be done)
  'attempt.written', // what came of it is committed, and the next channel with it
  'answer.rendered', // the answer is made, not sent
  'answer.sent', // the person has it, the database does not know (one duplicate is allowed here)
  'answer.marked', // everything is done
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

export type Ending = 'SIGKILL' | 'SIGSTOP';

/** Moments at which something is to happen, and how often they have still to be reached. */
const armed: { at: CrashPoint; left: number; signal: Ending }[] = [];

/** Sends the signal to this process the nth time `at` is reached, once. `undefined` when `text` names no point. */
export function armCrash(text: string, signal: Ending): CrashPoint | undefined {
  const [, name, nth] = /^([a-z.]+)(?:#([1-9]\d*))?$/.exec(text) ?? [];
  const at = CRASH_POINTS.find((point) => point === name);
  if (at) armed.push({ at, left: Number(nth ?? 1), signal });
  return at;
}

export function crashPoint(at: CrashPoint): void {
  for (const one of armed) {
    if (one.at !== at || --one.left !== 0) continue;
    process.kill(process.pid, one.signal);
  }
}
