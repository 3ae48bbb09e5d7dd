import { TZDate } from '@date-fns/tz';
import { tzOffset } from '@date-fns/tz/tzOffset';
import { format } from 'date-fns/format';
import { parseDuration, sayDuration } from '../lib/duration.ts';
import { Refusal } from '../lib/refusal.ts';

/** A moment somebody typed: epoch milliseconds, and how it was understood, zone included. */
export interface Moment {
  at: number;
  echo: string;
}

/** Where and when it was typed. */
export interface TypedAt {
  /** Domain time, epoch milliseconds. */
  now: number;
  /** The person's zone, IANA. */
  zone: string;
}

/** A day without a clock time means the beginning of a working morning. */
const MORNING = { hour: 9, minute: 0, second: 0 };
const FURTHEST_YEARS = 5;

/**
 * Reads `18:00`, `6pm`, `noon`, `mon`, `mon 09:00`, `tomorrow 9am`, `24 dec 18:00`, ISO dates and times, `3h`; in the
 * person's zone unless the text ends with one (`18:00 UTC`, `18:00 Europe/Berlin`, `+02:00`). `undefined` for what is no
 * moment; throws `Refusal` for one that is past or more than five years away.
 */
export function readMoment(text: string, { now, zone: own }: TypedAt): Moment | undefined {
  const { words, zone } = takeZone(text.trim().toLowerCase().replace(/\s+/g, ' '), own);
  const wait = parseDuration(words.replace(/^in /, ''));
  if (wait !== undefined) return accept(text, now + wait, now, zone, '');
  const instant = readInstant(words);
  if (instant !== undefined) return accept(text, instant, now, zone, '');

  const today = fieldsAt(now, zone);
  const { day, clock } = splitClock(words);
  if (day === '' && !clock) return undefined;
  const date = day === '' ? { ...today, named: 'clock' as const } : readDay(day, today);
  if (!date) return undefined;
  if (date.named === 'today' && !clock) throw new Refusal(`"${text}" needs a time, as in today 18:00`);
  const time = clock ?? MORNING;

  let found = instantOf(date, time, zone, now);
  if (found.at <= now && date.named === 'clock') found = instantOf(plusDays(date, 1), time, zone, now);
  if (found.at <= now && date.named === 'weekday') found = instantOf(plusDays(date, 7), time, zone, now);
  if (found.at <= now && date.named === 'yearless' && now - found.at > 180 * DAY) {
    found = instantOf({ ...date, year: date.year + 1 }, time, zone, now);
  }
  return accept(text, found.at, now, zone, found.note);
}

/** `Mon 23 Nov 09:00 Europe/Berlin (in 2 d 23 h)`; with the year when it is not this one. */
export function sayMoment(at: number, now: number, zone: string): string {
  const sameYear = fieldsAt(at, zone).year === fieldsAt(now, zone).year;
  const distance = at >= now ? `in ${sayDuration(at - now)}` : `${sayDuration(now - at)} ago`;
  return `${format(new TZDate(at, zone), sameYear ? 'EEE d MMM HH:mm' : 'EEE d MMM yyyy HH:mm')} ${zone} (${distance})`;
}

const DAY = 86_400_000;

function accept(text: string, at: number, now: number, zone: string, note: string): Moment {
  if (at > now + FURTHEST_YEARS * 366 * DAY) throw new Refusal(`"${text}" is more than ${FURTHEST_YEARS} years away`);
  const echo = sayMoment(at, now, zone) + note;
  if (at <= now) throw new Refusal(`"${text}" is past: ${echo}`);
  return { at, echo };
}

interface Clock {
  hour: number;
  minute: number;
  second: number;
}

interface Day {
  year: number;
  /** From 1. */
  month: number;
  day: number;
  /** How it was said decides what is done when it is past. */
  named: 'clock' | 'today' | 'weekday' | 'yearless' | 'date';
}

function takeZone(text: string, own: string): { words: string; zone: string } {
  const found = /^(.+) (utc|gmt|[a-z_]+\/[a-z_/+-]+\d*)$/.exec(text);
  if (!found) return { words: text, zone: own };
  const name = found[2] as string;
  const zone = name === 'utc' || name === 'gmt' ? 'UTC' : knownZone(name);
  if (!zone) throw new Refusal(`"${name.slice(0, 60)}" is no time zone; write it as Europe/Berlin`);
  return { words: found[1] as string, zone };
}

/** The zone's name as it is written, whatever case was typed. */
function knownZone(name: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/** A time with its own offset: `2026-12-24T18:00Z`. */
function readInstant(words: string): number | undefined {
  const found = /^(\d{4}-\d\d-\d\d)[t ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?\s?(z|[+-]\d\d:?\d\d)$/.exec(words);
  if (!found) return undefined;
  const [, date, time, offset = 'z'] = found;
  const at = Date.parse(`${date}T${time}${offset === 'z' ? 'Z' : offset}`);
  return Number.isNaN(at) ? undefined : at;
}

/** `mon 09:00`, `09:00 mon`, `2026-12-24T18:00`, `tomorrow at 6:30 pm`. */
function splitClock(typed: string): { day: string; clock?: Clock } {
  const words = typed
    .replace(/(\d)t(\d)/, '$1 $2')
    .replace(/,/g, '')
    .split(' ');
  for (const length of [2, 1]) {
    const [before, last] = [words.slice(0, -length), words.slice(-length)];
    const [first, after] = [words.slice(0, length), words.slice(length)];
    const atEnd = words.length >= length ? readClock(last.join(' ')) : undefined;
    if (atEnd) return { day: before.join(' ').replace(/(^| )at$/, ''), clock: atEnd };
    const atStart = words.length > length ? readClock(first.join(' ')) : undefined;
    if (atStart) return { day: after.join(' '), clock: atStart };
  }
  return { day: words.join(' ') };
}

function readClock(text: string): Clock | undefined {
  if (text === 'noon') return { hour: 12, minute: 0, second: 0 };
  if (text === 'midnight') return { hour: 24, minute: 0, second: 0 };
  const found = /^(\d{1,2})(?:[:.](\d\d)(?::(\d\d))?)? ?([ap]m)?$/.exec(text);
  if (!found) return undefined;
  const [, hours, minutes, seconds, half] = found;
  if (minutes === undefined && !half) return undefined;
  let hour = Number(hours);
  if (half) {
    if (hour < 1 || hour > 12) return undefined;
    hour = (hour % 12) + (half === 'pm' ? 12 : 0);
  }
  const clock = { hour, minute: Number(minutes ?? 0), second: Number(seconds ?? 0) };
  const possible = clock.minute < 60 && clock.second < 60 && (hour < 24 || (hour === 24 && clock.minute + clock.second === 0));
  return possible ? clock : undefined;
}

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const MONTHS = ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december'];

function readDay(words: string, today: Day & { weekday: number }): Day | undefined {
  if (words === 'today') return { ...today, named: 'today' };
  if (words === 'tomorrow') return { ...plusDays(today, 1), named: 'date' };
  const weekday = indexOfName(WEEKDAYS, words.replace(/^(?:on|next) /, ''));
  if (weekday >= 0) return { ...plusDays(today, (weekday - today.weekday + 7) % 7), named: 'weekday' };
  const iso = /^(\d{4})-(\d\d)-(\d\d)$/.exec(words);
  if (iso) return real({ year: Number(iso[1]), month: Number(iso[2]), day: Number(iso[3]), named: 'date' });
  const named = /^(?:(\d{1,2})(?:st|nd|rd|th)?\.? ([a-z]+)|([a-z]+) (\d{1,2})(?:st|nd|rd|th)?)(?: (\d{4}))?$/.exec(words);
  if (!named) return undefined;
  const month = indexOfName(MONTHS, (named[2] ?? named[3]) as string) + 1;
  if (month === 0) return undefined;
  const year = named[5] === undefined ? today.year : Number(named[5]);
  const day: Day = { year, month, day: Number(named[1] ?? named[4]), named: named[5] === undefined ? 'yearless' : 'date' };
  return real(day);
}

const indexOfName = (names: readonly string[], typed: string): number =>
  typed.length < 3 ? -1 : names.findIndex((name) => name.startsWith(typed) || (typed === 'sept' && name === 'september'));

/** 31 Feb is no day. */
function real(date: Day): Day | undefined {
  const { month, day } = plusDays(date, 0);
  return month === date.month && day === date.day ? date : undefined;
}

function plusDays<D extends Day>(date: D, days: number): D {
  const moved = new Date(Date.UTC(date.year, date.month - 1, date.day + days));
  return { ...date, year: moved.getUTCFullYear(), month: moved.getUTCMonth() + 1, day: moved.getUTCDate() };
}

function fieldsAt(at: number, zone: string): Day & { weekday: number } {
  const local = new Date(at + offsetAt(at, zone));
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    weekday: local.getUTCDay(),
    named: 'clock',
  };
}

const offsetAt = (at: number, zone: string): number => tzOffset(zone, new Date(at)) * 60_000;

/**
 * Epoch milliseconds of a local date and time. A time that happens twice (clocks go back) is the first of the two that is
 * still to come; one that never happens (clocks go forward) is moved on by the gap, as RFC 5545 does. Both are said.
 */
function instantOf(date: Day, clock: Clock, zone: string, now: number): { at: number; note: string } {
  const local = Date.UTC(date.year, date.month - 1, date.day, clock.hour, clock.minute, clock.second);
  const before = offsetAt(local - DAY, zone);
  const after = offsetAt(local + DAY, zone);
  const fits = [...new Set([before, after])].map((offset) => local - offset).filter((at) => at + offsetAt(at, zone) === local);
  const typed = `${String(clock.hour % 24).padStart(2, '0')}:${String(clock.minute).padStart(2, '0')}`;
  if (fits.length === 0) return { at: local - before, note: `; clocks go forward then and there is no ${typed}` };
  const [first, second] = fits.sort((a, b) => a - b) as [number, number?];
  if (second === undefined) return { at: first, note: '' };
  const late = first <= now && second > now;
  return { at: late ? second : first, note: `; clocks go back then, this is the ${late ? 'second' : 'first'} ${typed}` };
}
