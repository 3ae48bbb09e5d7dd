import { minutesOf } from '../config/days.ts';
import type { Defaults } from '../config/defaults.ts';
import type { Person } from '../people.ts';
import { MINUTE, offsetAt } from '../rollout/local-time.ts';
import type { Answering } from './answering.ts';

/** Somebody is not to be asked for a while. Domain ms; `until` is open where it ends when they say so. */
export interface Absence {
  person: string;
  from: number;
  until?: number;
  /** `presumed`: nobody said so, three pages in a row were not answered. */
  kind: 'said' | 'presumed';
  because?: string;
}

/** Somebody stands in for a person, or is on call for a service or a roster. Domain ms. */
export interface Cover {
  by: string;
  for: { person: string } | { service: string } | { roster: string };
  from: number;
  until: number;
}

/** All that says who is asked at a moment: plain data, loaded once for a decision. */
export interface Standing extends Answering {
  people: readonly Person[];
  absences: readonly Absence[];
  /** The latest last: of two for the same, it counts. */
  covers: readonly Cover[];
  /** For people who name no hours of their own, minutes after midnight. */
  quiet: { from: number; until: number };
}

/** Hours in which people who name none of their own sleep. */
export const quietOf = (defaults: Pick<Defaults, 'page.quiet_from' | 'page.quiet_until'>): Standing['quiet'] => ({
  from: minutesOf(defaults['page.quiet_from']),
  until: minutesOf(defaults['page.quiet_until']),
});

/** The absence of somebody at a moment, if they are away; of several the one that lasts longest. */
export function absenceOf({ absences }: Pick<Standing, 'absences'>, person: string, at: number): Absence | undefined {
  return absences
    .filter((one) => one.person === person && one.from <= at && at < (one.until ?? Infinity))
    .sort((a, b) => (b.until ?? Infinity) - (a.until ?? Infinity))[0];
}

/** `02:10`, by the clock where they are. */
export function localTime(zone: string, at: number): string {
  const minutes = minuteOfDay(zone, at);
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

/** Whether it is outside their quiet hours. */
export function isAwake({ zone, quiet: own }: Pick<Person, 'zone' | 'quiet'>, at: number, general: Standing['quiet']): boolean {
  if (own === 'none') return true;
  const { from, until } = own ?? general;
  const minute = minuteOfDay(zone, at);
  return from <= until ? minute < from || minute >= until : minute < from && minute >= until;
}

const minuteOfDay = (zone: string, at: number): number => {
  const local = at + offsetAt(at, zone);
  return Math.floor((((local % DAY) + DAY) % DAY) / MINUTE);
};

const DAY = 86_400_000;
