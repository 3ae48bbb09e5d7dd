import type { Renderer } from '../deliver/shown.ts';
import type { TimerHandler } from '../store/timers.ts';
import { incidentRenderer } from './show.ts';
import { incidentTimer } from './timer.ts';
import type { IncidentsWorld } from './world.ts';

/** Incidents: how they are shown, and what is due about them. */
export function openIncidents(world: IncidentsWorld): { timer: TimerHandler; renderer: Renderer } {
  return { timer: incidentTimer(world), renderer: incidentRenderer(world) };
}
