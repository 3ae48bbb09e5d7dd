import { DAY, dayAt, MINUTE, momentOf, offsetAt, plusDays } from '../rollout/local-time.ts';
import type { Policy } from './policy.ts';

/** When the night it is now for somebody ends; `undefined` by day. */
export function nightEnds(at: number, zone: string, { from, until }: Policy['night']): number | undefined {
  const minute = Math.floor((((at + offsetAt(at, zone)) % DAY) + DAY) % DAY) / MINUTE;
  const night = from > until ? minute >= from || minute < until : minute >= from && minute < until;
  return night ? nextAt(at, zone, until) : undefined;
}

/** The first moment after `at` at which a clock there shows so many minutes after midnight. */
export function nextAt(at: number, zone: string, minute: number): number {
  const today = dayAt(at, zone);
  for (let days = 0; ; days += 1) {
    const moment = momentOf(plusDays(today, days), minute, zone);
    if (moment > at) return moment;
  }
}
