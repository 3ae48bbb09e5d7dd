import type { Ops } from '../ops.ts';
import type { HostEnd } from '../runs/world.ts';
import type { Tx } from '../store/db.ts';
import type { TimerHandler } from '../store/timers.ts';
import { PAUSE_TIMER } from './pause.ts';
import { pauseTimer } from './pause-ends.ts';
import { lookAtAlerts } from './timer.ts';
import { ALERTS_TIMER, wakeSilenced } from './wake.ts';

/** What the other parts of a process need of the alerts: timers, and to be told what happened. */
export interface Alerts {
  timers: Record<typeof ALERTS_TIMER | typeof PAUSE_TIMER, TimerHandler>;
  hostEnded(tx: Tx, end: HostEnd): Promise<void>;
}

export function openAlerts(world: Pick<Ops, 'clock' | 'config' | 'fleet' | 'tell'>): Alerts {
  return {
    timers: { [ALERTS_TIMER]: lookAtAlerts(world), [PAUSE_TIMER]: pauseTimer(world) },
    hostEnded: (tx, { at }) => wakeSilenced(tx, at),
  };
}
