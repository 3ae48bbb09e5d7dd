import { tzOffset } from '@date-fns/tz/tzOffset';

/** A day of somebody's calendar. */
export interface LocalDay {
  year: number;
  /** From 1. */
  month: number;
  day: number;
  /** 0 = Sunday. */
  weekday: number;
}

export const DAY = 86_400_000;
export const MINUTE = 60_000;

/** The day it is there at that moment. */
export const dayAt = (at: number, zone: string): LocalDay => fields(at + offsetAt(at, zone));

export const plusDays = ({ year, month, day }: LocalDay, days: number): LocalDay => fields(Date.UTC(year, month - 1, day + days));

/**
 * When the clock there shows so many minutes after midnight: of two such moments (clocks go back) the first; a time that is left
 * out (clocks go forward) is the moment at which the clocks are changed.
 */
export function momentOf({ year, month, day }: LocalDay, minutes: number, zone: string): number {
  const local = Date.UTC(year, month - 1, day, 0, minutes);
  const [before, after] = [offsetAt(local - DAY, zone), offsetAt(local + DAY, zone)];
  const shown = [local - before, local - after].filter((at) => at + offsetAt(at, zone) === local);
  if (shown.length > 0) return Math.min(...shown);
  let [low, high] = [local - after, local - before];
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle, zone) === before) low = middle;
    else high = middle;
  }
  return Math.round(high / MINUTE) * MINUTE;
}

export const offsetAt = (at: number, zone: string): number => tzOffset(zone, new Date(at)) * MINUTE;

function fields(local: number): LocalDay {
  const date = new Date(local);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), weekday: date.getUTCDay() };
}
