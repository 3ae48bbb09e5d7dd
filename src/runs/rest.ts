import type { Outcome } from '../chat/command.ts';
import type { Next, RunView, WaitFor } from '../rollout/shapes.ts';
import type { Tx } from '../store/db.ts';
import { endLine } from '../store/lines.ts';

/** Whether nothing more happens by itself soon, so that the lines that wait for this run end: it is over, or a person or the calendar is next. */
export function rests(view: RunView, next: Pick<Next, 'state' | 'waiting' | 'start'>): boolean {
  if (FINAL.has(next.state)) return true;
  if (next.start.length > 0 || view.hosts.some((host) => host.state === 'going')) return false;
  return next.state === 'halted' || (next.waiting !== undefined && LONG.has(next.waiting.for));
}

const FINAL: ReadonlySet<string> = new Set(['done', 'cancelled', 'expired']);
/** What a person or the calendar ends; a soak between waves or a budget of another run ends by itself, and soon. */
const LONG: ReadonlySet<WaitFor> = new Set(['approval', 'time', 'window', 'ring soak', 'incident', 'stop', 'person']);

/** How the lines that wait for the run end. */
export function outcomeOf(view: RunView, next: Pick<Next, 'state'>): Outcome {
  const { failed = 0, lost = 0, held = 0, unverified = 0 } = view.counts;
  if (next.state === 'halted') return 'halted';
  if (next.state === 'cancelled' || next.state === 'expired') return 'refused';
  if (failed + lost + held > 0) return 'failed';
  if (next.state !== 'done') return 'ok';
  return unverified > 0 ? 'findings' : 'ok';
}

/** Has the run's cards shown again; with an outcome, as the answer of every line that waits for it. */
export async function showRun(tx: Tx, run: string, ended: Outcome | undefined, now: number): Promise<void> {
  await tx.query(`update cards set wanted_rev = wanted_rev + 1, final = $2 where thing_kind = 'run' and thing_id = $1`, [run, ended !== undefined]);
  if (ended) await endLine(tx, { kind: 'run', id: run }, ended, now);
  await tx.notify('shown', `run:${run}`);
}

/**
 * Whether a run that waits for places waits for a person in truth: nothing is in flight anywhere, so whoever holds them is lost,
 * failed or held, and gives them back by evidence or by somebody's word only.
 */
export async function isStuck(tx: Tx, view: RunView, next: Pick<Next, 'state' | 'waiting' | 'start'>): Promise<boolean> {
  if (next.state !== 'running' || next.start.length > 0 || (next.waiting?.for !== 'budget' && next.waiting?.for !== 'capacity')) return false;
  if (view.hosts.some((host) => host.state === 'going')) return false;
  return (
    (await tx.query(`select 1 from run_hosts h join runs r on r.id = h.run where h.state = 'going' and r.state in ('running', 'halted') limit 1`)).length === 0
  );
}

export async function isAwaited(tx: Tx, run: string): Promise<boolean> {
  return (await tx.query(`select 1 from inbox where state = 'begun' and began_kind = 'run' and began_id = $1 limit 1`, [run])).length > 0;
}
