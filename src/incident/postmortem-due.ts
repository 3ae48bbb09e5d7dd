import { dayAt, momentOf, plusDays } from '../rollout/local-time.ts';

/** Whoever leads reads it when they begin to work, minutes after midnight. */
const MORNING = 9 * 60;

/** When a postmortem is due: the morning after so many working days (Monday to Friday, there) that began after the incident was resolved. */
export function postmortemDue(resolved: number, days: number, zone: string): number {
  let day = dayAt(resolved, zone);
  for (let left = days; left > 0; ) {
    day = plusDays(day, 1);
    if (day.weekday >= 1 && day.weekday <= 5) left -= 1;
  }
  return momentOf(day, MORNING, zone);
}

/** The same hour of the morning, a week later. */
export const aWeekLater = (now: number, zone: string): number => momentOf(plusDays(dayAt(now, zone), 7), MORNING, zone);
