import { hostsOfWindow, type Window } from '../config/windows.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { sayDuration } from '../lib/duration.ts';
import { DAY, dayAt, MINUTE, momentOf, plusDays } from './local-time.ts';
import { when } from './words.ts';

/** A window with its zone; hosts that stand in the same windows share one list. */
export type ZonedWindow = Omit<Window, 'zone'> & { zone: string };

/** Host → its windows, of those that have any: within any of them a change may begin. `zone` is that of the installation. */
export function windowsByHost(windows: readonly Window[], fleet: Fleet, zone: string): ReadonlyMap<string, readonly ZonedWindow[]> {
  const before = worked.get(windows);
  if (before?.fleet === fleet && before.zone === zone) return before.byHost;
  const byHost = workOut(windows, fleet, zone);
  worked.set(windows, { fleet, zone, byHost });
  return byHost;
}

/** Configuration and fleet are replaced as one; a run asks with each host that ends. */
const worked = new WeakMap<readonly Window[], { fleet: Fleet; zone: string; byHost: ReadonlyMap<string, readonly ZonedWindow[]> }>();

function workOut(windows: readonly Window[], fleet: Fleet, zone: string): ReadonlyMap<string, readonly ZonedWindow[]> {
  const found = new Map<string, readonly ZonedWindow[]>();
  for (const window of windows) {
    const zoned = { ...window, zone: window.zone ?? zone };
    const grown = new Map<readonly ZonedWindow[] | undefined, readonly ZonedWindow[]>();
    for (const host of hostsOfWindow(window.hosts, fleet)) {
      const before = found.get(host);
      const list = grown.get(before) ?? [...(before ?? []), zoned];
      grown.set(before, list);
      found.set(host, list);
    }
  }
  return found;
}

/** Once open, from `opens` until `closes`. */
export interface Opening {
  opens: number;
  closes: number;
  /** What the clocks do to it, in words. */
  note?: string;
}

export interface WindowNow {
  /** Inside, and what takes so long would be done inside. */
  open: boolean;
  /** Of the opening it is in, else of the next one long enough. */
  opens: number;
  closes: number;
  /** `daily 02:00–04:00 Europe/Berlin`, with what is odd about this one. */
  says: string;
  /** No opening of the next weeks is long enough. */
  never?: true;
}

/** Whether something that takes `p95` may begin now, and if not, when. `undefined` where there are no windows: at any time. */
export function windowAt(windows: readonly ZonedWindow[] | undefined, now: number, p95: number): WindowNow | undefined {
  if (!windows || windows.length === 0) return undefined;
  const openings = openingsAhead(windows, now);
  const inside = openings.find(({ opens }) => opens <= now);
  const name = sayWindows(windows);
  if (inside && now + p95 <= inside.closes) return { open: true, ...span(inside), says: withNote(name, inside) };
  const late = inside ? `; ${minutes(p95)} would not end before it closes at ${when(inside.closes, now, zoneOf(windows))}` : '';
  const later = openings.filter((opening) => opening.opens > now);
  const next = later.find(({ opens, closes }) => closes - opens >= p95);
  if (next) return { open: false, ...span(next), says: withNote(name, next) + late };
  const longest = Math.max(0, ...openings.map(({ opens, closes }) => closes - opens));
  const any = later[0] ?? { opens: now + LOOK_AHEAD, closes: now + LOOK_AHEAD };
  return { open: false, ...span(any), says: `${name}; ${minutes(p95)} fit into none of its openings, the longest is ${sayDuration(longest)}`, never: true };
}

/** Those of the next weeks; thousands of hosts that wait ask for the same ones. */
function openingsAhead(windows: readonly ZonedWindow[], now: number): Opening[] {
  let ahead = lookedUp.get(windows);
  if (!ahead || now < ahead.from || now > ahead.from + DAY) {
    ahead = { from: now, openings: openingsFrom(windows, now, now + DAY + LOOK_AHEAD) };
    lookedUp.set(windows, ahead);
  }
  return ahead.openings.filter(({ closes }) => closes > now);
}

const lookedUp = new WeakMap<readonly ZonedWindow[], { from: number; openings: Opening[] }>();

/** Openings that are not over at `from`, in order; those that touch are one. */
export function openingsFrom(windows: readonly Omit<ZonedWindow, 'hosts'>[], from: number, until: number): Opening[] {
  const all = windows.flatMap((window) => {
    const found: Opening[] = [];
    // The opening of yesterday may go on today, and where it is later than in Greenwich a day more has begun.
    for (let day = plusDays(dayAt(from, window.zone), -1), at = from - DAY; at <= until + DAY; day = plusDays(day, 1), at += DAY) {
      const opening = window.days.includes(day.weekday) ? openingOn(window, day) : undefined;
      if (opening && opening.closes > from && opening.opens <= until) found.push(opening);
    }
    return found;
  });
  all.sort((a, b) => a.opens - b.opens || a.closes - b.closes);
  const joined: Opening[] = [];
  for (const opening of all) {
    const last = joined.at(-1);
    if (!last || opening.opens > last.closes) joined.push({ ...opening });
    else {
      last.closes = Math.max(last.closes, opening.closes);
      if (opening.note && opening.note !== last.note) last.note = [last.note, opening.note].filter(Boolean).join(', ');
    }
  }
  return joined;
}

/** It is open while the clock there shows a time between the two; a night on which it shows none has no opening. */
function openingOn({ from, until, zone }: Omit<ZonedWindow, 'hosts'>, day: ReturnType<typeof dayAt>): Opening | undefined {
  const opens = momentOf(day, from, zone);
  const closes = momentOf(until > from ? day : plusDays(day, 1), until, zone);
  if (closes <= opens) return undefined;
  const odd = closes - opens - ((until - from + 1440) % 1440) * MINUTE;
  if (odd === 0) return { opens, closes };
  return { opens, closes, note: `${sayDuration(closes - opens)} long then: clocks go ${odd > 0 ? 'back' : 'forward'}` };
}

/** Any weekday comes, and one opening may be lost to the clocks. */
const LOOK_AHEAD = 15 * DAY;

const span = ({ opens, closes }: Opening): { opens: number; closes: number } => ({ opens, closes });

const withNote = (name: string, { note }: Opening): string => (note ? `${name}, ${note}` : name);

const zoneOf = (windows: readonly ZonedWindow[]): string => (windows[0] as ZonedWindow).zone;

/** `mon-fri 22:00–02:00 Europe/Berlin` */
export function sayWindows(windows: readonly ZonedWindow[]): string {
  return [...new Set(windows.map(({ days, from, until, zone }) => `${sayDays(days)} ${clock(from)}–${clock(until)} ${zone}`))].join(' or ');
}

const NAMES = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

function sayDays(days: readonly number[]): string {
  if (days.length === 7) return 'daily';
  const key = days.join();
  return key === '1,2,3,4,5' ? 'Mon–Fri' : key === '0,6' ? 'Sat, Sun' : days.map((day) => NAMES[day]).join(', ');
}

const clock = (minute: number): string => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** As plans say how long one host takes: `96 min`. */
export const minutes = (ms: number): string => `${Math.ceil(ms / MINUTE)} min`;
