import type { Renderer } from '../deliver/shown.ts';
import type { HostResult } from '../jobs.ts';
import type { HostEnd } from '../runs/world.ts';
import type { Tx } from '../store/db.ts';
import type { TimerHandler } from '../store/timers.ts';
import { remindOfAction } from './actions/timer.ts';
import { hostsSeen, incidentHostEnded, sightingsOf } from './heard.ts';
import { remindOfPostmortem } from './postmortem/timer.ts';
import { incidentRenderer } from './show.ts';
import { incidentTimer } from './timer.ts';
import type { IncidentsWorld } from './world.ts';

/** Incidents: how they are shown, what is due about them and after them, and that they hear of hosts. */
export interface Incidents {
  timers: Record<string, TimerHandler>;
  renderer: Renderer;
  heard(tx: Tx, results: readonly HostResult[]): Promise<void>;
  hostEnded(tx: Tx, end: HostEnd): Promise<void>;
}

export function openIncidents(world: IncidentsWorld): Incidents {
  return {
    timers: { incident: incidentTimer(world), postmortem: remindOfPostmortem(world), action: remindOfAction(world) },
    renderer: incidentRenderer(world),
    heard: (tx, results) => hostsSeen(tx, world, sightingsOf(results, world.clock.now()), 'check'),
    hostEnded: (tx, end) => incidentHostEnded(tx, world, end),
  };
}
