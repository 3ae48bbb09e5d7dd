import { sayDuration } from '../lib/duration.ts';
import { Refusal } from '../lib/refusal.ts';
import { DAY, offsetAt } from './local-time.ts';
import { soaksOf } from './predict.ts';
import { ringOpens } from './ring-opens.ts';
import type { Plan, Prediction } from './shapes.ts';
import { minutes, type Opening, openingsFrom, sayWindows, type ZonedWindow } from './windows.ts';
import { when } from './words.ts';

export interface WindowFit {
  /** All of it in one opening; else it is spread over `nights`, host by host to the next opening. */
  fits: boolean;
  nights: number;
  begins: number;
  /** When the last host would be done, at p95. */
  ends: number;
  /** Lines for the plan. */
  says: string[];
}

/**
 * How a plan fits the windows of its hosts, everything taking its p95; `undefined` where none of them has a window, or nothing waits
 * for one. A plan that does not fit is spread over nights; throws `Refusal` only where a host fits into no opening at all.
 */
export function windowFit(of: {
  plan: Pick<Plan, 'hosts' | 'rings' | 'waves' | 'pace' | 'safe' | 'startAt'>;
  prediction: Pick<Prediction, 'host'>;
  windows: ReadonlyMap<string, readonly ZonedWindow[]>;
  now: number;
  zone: string;
}): WindowFit | undefined {
  const { plan, windows, now, zone } = of;
  const going = plan.hosts.filter(({ wave }) => wave !== undefined);
  const bound = going.filter(({ host }) => windows.has(host));
  if (bound.length === 0 || plan.safe) return undefined;
  const takes = (kind: string): number => of.prediction.host[kind]?.p95 ?? 0;

  const calendars = new Map<readonly ZonedWindow[], Calendar>();
  const soaks = soaksOf(plan);
  const starts: Start[] = [];
  let from = Math.max(now, plan.startAt ?? now);
  let ends = from;
  let next = 0;
  for (let wave = 0; wave < plan.waves; wave++) {
    const ring = plan.rings.find(({ firstWave }) => firstWave === wave);
    if (ring && wave > 0) from = ringOpens(ring, ends, zone).at;
    for (; next < going.length && going[next]?.wave === wave; next++) {
      const { host, class: kind } = going[next] as (typeof going)[number];
      const list = windows.get(host);
      const start = list ? startIn(calendarOf(list, calendars, now), from, takes(kind)) : { at: from };
      if (!start) throw neverFits(host, takes(kind), list as readonly ZonedWindow[], now);
      ends = Math.max(ends, start.at + takes(kind));
      if ('opening' in start) starts.push({ ...start, ends: start.at + takes(kind), zone: (list as readonly [ZonedWindow])[0].zone });
    }
    from = ends + (soaks[wave] as number);
  }
  const first = starts.reduce((a, b) => (b.at < a.at ? b : a));
  const nights = new Set(starts.map(({ opening, zone }) => sayDay(opening.opens, zone)));
  const fits = starts.every(({ opening }) => opening.opens <= first.opening.closes && opening.closes >= first.opening.opens);
  const names = sayWindows(uniqueWindows(bound, windows));
  const last = starts.reduce((a, b) => (b.at > a.at ? b : a));
  const notes = new Map(starts.flatMap(({ opening, zone }) => (opening.note ? [[opening.opens, `${sayDay(opening.opens, zone)}: ${opening.note}`]] : [])));
  const says = fits
    ? [
        `fits its window (${names}): begins ${when(first.at, now, first.zone)}, ends by ${when(last.ends, first.at, first.zone)}, closes ${when(first.opening.closes, first.at, first.zone)}`,
      ]
    : [
        spread({
          bound: bound.length,
          largest: largestWave(going),
          longest: Math.max(...bound.map(({ class: kind }) => takes(kind))),
          watched: soaks.reduce((a, b) => a + b, 0),
          rings: plan.rings.length,
          starts,
          first,
        }),
      ];
  if (!fits)
    says.push(
      `it goes over ${nights.size} ${nightly(starts) ? 'nights' : 'days'} (${names}), the last begins ${when(last.at, now, last.zone)}; no host begins that would not end inside`,
    );
  return { fits, nights: nights.size, begins: first.at, ends, says: [...says, ...[...notes.values()].slice(0, 3)] };
}

/** `does not fit: 12 × 96 min at 1 at a time = 19 h 12 m; the window fits 1 host` */
function spread(of: { bound: number; largest: number; longest: number; watched: number; rings: number; starts: readonly Start[]; first: Start }): string {
  const { bound, longest, first, starts } = of;
  const atOnce = Math.min(of.largest, bound);
  const work = Math.ceil(bound / atOnce) * longest;
  const room = first.opening.closes - first.opening.opens;
  if (of.rings > 1 && work + of.watched <= room) return 'its rings are days apart, each in a window of its own';
  // What is watched between is said only where it is what is too much.
  const watched = work <= room && of.watched > 0;
  const total = work + (watched ? of.watched : 0);
  const inFirst = starts.filter(({ at }) => at < first.opening.closes).length;
  const between = watched ? ` and ${minutes(of.watched)} watched between` : '';
  return `does not fit: ${bound} × ${minutes(longest)} at ${atOnce} at a time${between} = ${sayDuration(total)}; the window fits ${inFirst === 1 ? '1 host' : `${inFirst} hosts`}`;
}

interface Start {
  at: number;
  ends: number;
  opening: Opening;
  zone: string;
}

function neverFits(host: string, p95: number, windows: readonly ZonedWindow[], now: number): Refusal {
  const longest = Math.max(0, ...openingsFrom(windows, now, now + AHEAD).map(({ opens, closes }) => closes - opens));
  return new Refusal(
    `${host} takes ${minutes(p95)} (p95) and its window (${sayWindows(windows)}) is ${sayDuration(longest)} long: it never fits. Lengthen the window in holdfast.yaml, or leave ${host} out.`,
  );
}

interface Calendar {
  openings: Opening[];
  /** Everything until then is in it. */
  until: number;
  more(): void;
}

const AHEAD = 30 * DAY;

function calendarOf(windows: readonly ZonedWindow[], calendars: Map<readonly ZonedWindow[], Calendar>, from: number): Calendar {
  let calendar = calendars.get(windows);
  if (!calendar) {
    const made: Calendar = {
      openings: [],
      until: from,
      more() {
        const last = made.openings.at(-1)?.opens ?? Number.NEGATIVE_INFINITY;
        made.openings.push(...openingsFrom(windows, made.until, made.until + AHEAD).filter(({ opens }) => opens > last));
        made.until += AHEAD;
      },
    };
    made.more();
    calendar = made;
    calendars.set(windows, calendar);
  }
  return calendar;
}

/** The earliest moment from which it would end inside; nothing where a month passes without one. */
function startIn(calendar: Calendar, from: number, p95: number): { at: number; opening: Opening } | undefined {
  while (calendar.until < from + AHEAD) calendar.more();
  // Waves only go forward in time, so what is over is never asked for again.
  while (calendar.openings[0] && calendar.openings[0].closes <= from) calendar.openings.shift();
  for (const opening of calendar.openings) {
    const at = Math.max(from, opening.opens);
    if (at + p95 <= opening.closes) return { at, opening };
  }
  return undefined;
}

function largestWave(going: readonly { wave?: number }[]): number {
  const sizes = new Map<number, number>();
  for (const { wave = 0 } of going) sizes.set(wave, (sizes.get(wave) ?? 0) + 1);
  return Math.max(...sizes.values());
}

const uniqueWindows = (hosts: readonly { host: string }[], windows: ReadonlyMap<string, readonly ZonedWindow[]>): ZonedWindow[] => [
  ...new Set(hosts.flatMap(({ host }) => windows.get(host) ?? [])),
];

function nightly(starts: readonly { opening: Opening; zone: string }[]): boolean {
  return starts.every(({ opening, zone }) => {
    const hour = new Date(opening.opens + offsetAt(opening.opens, zone)).getUTCHours();
    return hour >= 18 || hour < 6;
  });
}

function sayDay(at: number, zone: string): string {
  // Named for a day it is not on, so that the day is said.
  return when(at, at - 2 * DAY, zone).replace(/ \d\d:\d\d$/, '');
}
