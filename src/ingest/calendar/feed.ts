import { createHash } from 'node:crypto';
import ical, { ICalAlarmType, ICalCalendarMethod, ICalEventTransparency } from 'ical-generator';
import type { CalendarDate } from './dates.ts';

/**
 * The dates as a calendar every program subscribes to (RFC 5545): times in UTC, so that no change of clocks moves them, and an id
 * that stays, so that a date that moved is no second one.
 */
export function calendarFeed(dates: readonly CalendarDate[], about: { name: string; now: number }): string {
  const calendar = ical({
    name: plain(about.name),
    prodId: { company: 'Holdfast', product: 'Holdfast', language: 'EN' },
    method: ICalCalendarMethod.PUBLISH,
    ttl: 15 * 60,
  });
  for (const { key, from, until, title, details, rev, alarm } of dates) {
    const event = calendar.createEvent({
      id: `${createHash('sha256').update(`${about.name}\n${key}`).digest('hex').slice(0, 32)}@holdfast`,
      start: new Date(from),
      end: new Date(until),
      stamp: new Date(about.now),
      summary: plain(title),
      transparency: ICalEventTransparency.TRANSPARENT,
      ...(details !== undefined && { description: plain(details) }),
      ...(rev !== undefined && { sequence: rev }),
    });
    if (alarm !== undefined) event.createAlarm({ type: ICalAlarmType.display, triggerBefore: alarm / 1000, description: plain(title) });
  }
  const text = calendar.toString();
  return text.endsWith('\r\n') ? text : `${text}\r\n`;
}

/** What people typed is one line of text: nothing in it begins another property. */
const plain = (text: string): string =>
  text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, 500);
