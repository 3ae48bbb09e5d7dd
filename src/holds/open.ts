import { defaultsOf } from '../config/defaults.ts';
import type { HostResult } from '../jobs.ts';
import type { WorkHandler } from '../queue/worker.ts';
import type { HostEnd } from '../runs/world.ts';
import type { Tx } from '../store/db.ts';
import type { TimerHandler } from '../store/timers.ts';
import { holdsHeard } from './heard.ts';
import { HOLD_TIMER } from './life.ts';
import { type HoldsWorld, lookAtHold } from './look.ts';
import { holdHostEnded, holdRunEnded } from './run-ends.ts';
import { holdTimer } from './timer.ts';

/** What the other parts of a process need of the holds: work, timers, and to be told what happened. */
export interface Holds {
  work: Record<'hold-look', WorkHandler>;
  timers: Record<typeof HOLD_TIMER, TimerHandler>;
  heard(tx: Tx, results: readonly HostResult[]): Promise<void>;
  hostEnded(tx: Tx, end: HostEnd): Promise<void>;
  runEnded(tx: Tx, end: { run: string; job: string; state: string; at: number }): Promise<void>;
}

export function openHolds(world: HoldsWorld): Holds {
  return {
    work: { 'hold-look': (row) => lookAtHold(world, row) },
    timers: { [HOLD_TIMER]: holdTimer({ now: world.clock.now, defaults: () => defaultsOf(world.config()), tell: world.tell }) },
    heard: (tx, results) => holdsHeard(tx, results, world.clock.now()),
    hostEnded: holdHostEnded,
    runEnded: (tx, end) => holdRunEnded(tx, world.tell, end),
  };
}
