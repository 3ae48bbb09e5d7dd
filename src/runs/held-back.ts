import type { ChangeJob, Step } from '../jobs.ts';
import type { HostRow, RunRow } from './rows.ts';
import type { RunsWorld } from './world.ts';

/** A host that was about to begin and must not; its slots go back, it is as if it had never been its turn. */
export interface NotBegun {
  step: 'not begun';
  because: string;
}

/**
 * Looked at right before anything is done to a host: after a stop, or once the run has halted, nothing that makes ready
 * or acts begins. A host that was made ready already is held for a person: finish, move back, leave.
 */
export async function heldBack(world: RunsWorld, run: RunRow, job: ChangeJob, host: HostRow): Promise<Step | NotBegun | undefined> {
  if (host.phase !== 'baseline' && host.phase !== 'prepare' && host.phase !== 'act' && host.phase !== 'undo') return undefined;
  const stop = world.stop.state();
  const stopped = stop.stopped && !run.plan.safe ? `stopped by ${stop.by}` : undefined;
  const halted = run.state === 'running' ? undefined : `${run.id} is ${run.state}`;
  const because = stopped ?? halted;
  if (because === undefined) return undefined;
  const remember = { heldIn: host.phase };
  if (host.phase === 'act' && job.prepare) return { step: 'end', outcome: 'held', detail: `made ready, nothing done: ${because}`, remember };
  if (host.phase === 'prepare' && Object.keys(host.memory).length > 0) return { step: 'end', outcome: 'held', detail: `half made ready: ${because}`, remember };
  return { step: 'not begun', because };
}
