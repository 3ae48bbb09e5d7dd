import { dayAt, momentOf, plusDays } from '../rollout/local-time.ts';
import type { Spell } from './story.ts';
import { type ComponentStatus, worseOf } from './words.ts';

/** One day of a component, in the zone of the page. */
export interface Bar {
  /** `2026-11-26` */
  day: string;
  worst: ComponentStatus;
  /** ms of that day in which it was out, wholly or in part. */
  out: number;
}

export interface Bars {
  /** The oldest first; the last one is today. */
  days: Bar[];
  /** Percent of the time so far in which it worked; of a partial outage three tenths count, as Statuspage counts them. Maintenance and slowness do not. */
  uptime: number;
}

/** The last days of a page's calendar: when each begins, and at the end when the last one is over. Days of 23 and 25 hours are as long as they are. */
export function daysUntil(now: number, days: number, zone: string): { name: string; from: number; until: number }[] {
  const today = dayAt(now, zone);
  return Array.from({ length: days }, (_, n) => {
    const day = plusDays(today, n - days + 1);
    const name = `${day.year}-${String(day.month).padStart(2, '0')}-${String(day.day).padStart(2, '0')}`;
    return { name, from: momentOf(day, 0, zone), until: momentOf(plusDays(day, 1), 0, zone) };
  });
}

/** What a component was each day: the worst of it. `spells` are those of this component, in any order. */
export function barsOf(spells: readonly Spell[], days: ReturnType<typeof daysUntil>, now: number): Bars {
  let lost = 0;
  const bars = days.map(({ name, from, until }): Bar => {
    let worst: ComponentStatus = 'operational';
    const out: [number, number][] = [];
    const part: [number, number][] = [];
    for (const spell of spells) {
      const [begins, ends] = [Math.max(spell.from, from), Math.min(spell.until ?? now, until, now)];
      // What began and ended in one moment was announced all the same.
      if (begins > ends || spell.from >= until || (spell.until ?? now) < from) continue;
      worst = worseOf(worst, spell.status);
      if (spell.status === 'major_outage') out.push([begins, ends]);
      if (spell.status === 'major_outage' || spell.status === 'partial_outage') part.push([begins, ends]);
    }
    const [whole, any] = [covered(out), covered(part)];
    lost += whole + 0.3 * (any - whole);
    return { day: name, worst, out: any };
  });
  const first = days[0]?.from ?? now;
  return { days: bars, uptime: now > first ? 100 * (1 - lost / (now - first)) : 100 };
}

/** ms that lie in at least one. */
function covered(spans: [number, number][]): number {
  let [sum, reached] = [0, -Infinity];
  for (const [from, until] of spans.sort((a, b) => a[0] - b[0])) {
    sum += Math.max(0, until - Math.max(from, reached));
    reached = Math.max(reached, until);
  }
  return sum;
}
