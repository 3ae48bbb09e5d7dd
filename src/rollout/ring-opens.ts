import { sayDuration } from '../lib/duration.ts';
import { DAY, dayAt, momentOf, plusDays } from './local-time.ts';
import type { PlannedRing } from './shapes.ts';
import { when } from './words.ts';

/** A morning on which somebody would notice: Monday to Friday, from nine to noon. */
const MORNING = { from: 9 * 60, until: 12 * 60 };

/**
 * When a ring may begin after the one before it has ended, and why then. What shows itself only under load of a working day has had
 * a whole working morning to show itself.
 */
export function ringOpens(ring: Pick<PlannedRing, 'soakBefore' | 'workingMorning'>, ringEnded: number, zone: string): { at: number; because: string } {
  const soaked = ringEnded + ring.soakBefore;
  const says = `${sayDuration(ring.soakBefore)} after the ring before it`;
  if (!ring.workingMorning) return { at: soaked, because: says };
  const morning = firstMorning(ringEnded, zone);
  if (morning.until <= soaked) return { at: soaked, because: `${says}, with a working morning in it` };
  const morningSays = `one working morning, which ends ${when(morning.until, ringEnded, zone)} ${zone}`;
  return { at: morning.until, because: ring.soakBefore > 0 ? `${says} and ${morningSays}` : morningSays };
}

/** The first that begins after that moment. */
function firstMorning(after: number, zone: string): { from: number; until: number } {
  for (let day = dayAt(after, zone); ; day = plusDays(day, 1)) {
    const from = momentOf(day, MORNING.from, zone);
    if (from >= after && day.weekday >= 1 && day.weekday <= 5) return { from, until: momentOf(day, MORNING.until, zone) };
    if (from > after + 14 * DAY) throw new Error(`no working morning within two weeks in ${zone}`);
  }
}
