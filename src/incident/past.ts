import { DAY, dayAt, momentOf, plusDays } from '../rollout/local-time.ts';

/**
 * When something was, domain ms: `20:57` is the latest one that is not in the future, in that zone; `2026-11-23T20:57` is there, or with Z or an
 * offset where it says. Undefined for what is no moment, or is not past.
 */
export function pastMoment(text: string, now: number, zone: string): number | undefined {
  const clock = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text);
  if (clock) {
    const minutes = Number(clock[1]) * 60 + Number(clock[2]);
    const today = momentOf(dayAt(now, zone), minutes, zone);
    return today <= now ? today : momentOf(plusDays(dayAt(now, zone), -1), minutes, zone);
  }
  const local = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)$/.exec(text);
  const at = local
    ? momentOf({ ...dayAt(now, zone), year: Number(local[1]), month: Number(local[2]), day: Number(local[3]) }, Number(local[4]) * 60 + Number(local[5]), zone)
    : /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/.test(text)
      ? Date.parse(text)
      : Number.NaN;
  return Number.isFinite(at) && at <= now && at > now - FURTHEST ? at : undefined;
}

const FURTHEST = 10 * 366 * DAY;
