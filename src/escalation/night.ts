import { DAY, dayAt, MINUTE, momentOf, offsetAt, plusDays } from '../rollout/local-time.ts';
import type { Policy } from './policy.ts';
import type { Roster } from './roster.ts';

/** When the night it is now for somebody ends, by their own hours or those of the policy; `undefined` by day. */
export function nightEnds(person: string, at: number, roster: Pick<Roster, 'zone' | 'quiet'>, { night: general }: Pick<Policy, 'night'>): number | undefined {
  const own = roster.quiet(person);
  if (own === 'none') return undefined;
  const { from, until } = own ?? general;
  const zone = roster.zone(person);
  const minute = Math.floor(((((at + offsetAt(at, zone)) % DAY) + DAY) % DAY) / MINUTE);
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
