import { type Shift, shiftsOf } from '../../escalation/on-call.ts';
import type { Standing } from '../../escalation/standing.ts';
import type { CalendarDate } from './dates.ts';

const DAY = 86_400_000;
/** A turn that goes on is shown from where it began; longer ones than this are cut. */
const BEHIND = 62 * DAY;
const AHEAD = 62 * DAY;
/** Told by the calendar itself so long before a turn begins, domain ms. */
const ALARM = 60 * 60_000;

/** When somebody is on call, by the rosters and by what people cover. For admins also when nobody is: `gaps`. */
export function shiftDates(standing: Standing, person: string, { now, gaps }: { now: number; gaps: boolean }): CalendarDate[] {
  return [...standing.rosters.values()].flatMap((roster) => {
    const all = shiftsOf(roster, standing, now - BEHIND, now + AHEAD);
    return all.flatMap((shift, at): CalendarDate[] => {
      if (shift.until <= now) return [];
      if ('gap' in shift) return gaps ? [gapDate(roster.name, shift)] : [];
      return shift.person === person ? [turnDate(roster.name, shift, all[at + 1])] : [];
    });
  });
}

/** The id goes by when it begins: who covers its end moves its end. */
function turnDate(roster: string, shift: Shift & { person: string; insteadOf?: string }, next: Shift | undefined): CalendarDate {
  const { from, until, insteadOf } = shift;
  const then = next === undefined ? '' : 'gap' in next ? `; then nobody: ${next.gap}` : `; then ${next.person}`;
  return {
    key: `oncall-${roster}-${shift.person}-${from}`,
    from,
    until,
    title: `on call: ${roster}${insteadOf === undefined ? '' : ` for ${insteadOf}`}`,
    details: `You are asked first${then}. "cover" lets somebody stand in, "away" takes you out`,
    alarm: ALARM,
  };
}

const gapDate = (roster: string, { from, until, gap }: Shift & { gap: string }): CalendarDate => ({
  key: `gap-${roster}-${from}`,
  from,
  until,
  title: `nobody on call: ${roster}`,
  details: `${gap}; somebody types "cover ${roster} until …"`,
});
