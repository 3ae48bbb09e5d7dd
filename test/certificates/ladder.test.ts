import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ackLastsFor, nextNotice, rungOf } from '../../src/certificates/ladder.ts';
import { partOfDay } from '../../src/certificates/watch.ts';
import { defaultsOf } from '../../src/config/defaults.ts';

const DAY = 86_400_000;
const NOON = Date.parse('2026-07-15T12:00Z');
const defaults = defaultsOf({ defaults: {}, ssh: {} });

/** Every morning from `days` before its end to some days after: what people are asked. */
function mornings(days: number, served = true, given = defaults): string[] {
  const ends = NOON + days * DAY;
  let last: { rank: number } | undefined;
  return Array.from({ length: Math.ceil(days) + 4 }, (_, day) => NOON + day * DAY).flatMap((now, day) => {
    const { ask } = nextNotice(rungOf({ ends, served }, now, given), last);
    if (!ask) return [];
    last = ask;
    return [`day ${day}: ${ask.step}, ${ask.urgency}`];
  });
}

describe('the ladder of a certificate', () => {
  test('is 30 and 14 days low, daily low from 7, high at 3, critical at 1 and when it has ended and is served; each once', () => {
    expect(mornings(32)).toEqual([
      'day 2: 30 d, low',
      'day 18: 14 d, low',
      'day 25: day 7, low',
      'day 26: day 6, low',
      'day 27: day 5, low',
      'day 28: day 4, low',
      'day 29: 3 d, high',
      'day 31: 1 d, critical',
      'day 32: expired, critical',
    ]);
  });

  test('of one that was first seen late begins where it stands', () => {
    expect(mornings(2.5)).toEqual(['day 0: 3 d, high', 'day 2: 1 d, critical', 'day 3: expired, critical']);
    expect(mornings(-61)).toEqual([]);
    expect(nextNotice(rungOf({ ends: NOON - 61 * DAY, served: true }, NOON, defaults), undefined)).toMatchObject({
      ask: { step: 'expired', urgency: 'critical' },
    });
  });

  test('ends at high for one that nobody is served: quiet hours hold back low ones only', () => {
    expect(rungOf({ ends: NOON - DAY, served: false }, NOON, defaults)).toEqual({ step: 'expired, not served', rank: 300, urgency: 'high' });
  });

  test('is the installation’s own where its defaults say so', () => {
    const own = { ...defaults, 'certificates.low_days': [60], 'certificates.daily_days': 2, 'certificates.high_days': 1, 'certificates.critical_days': 1 };
    expect(mornings(61, true, own)).toEqual(['day 1: 60 d, low', 'day 59: day 2, low', 'day 60: 1 d, critical', 'day 61: expired, critical']);
  });

  test('never asks twice for the same step, and never for less than before', () => {
    fc.assert(
      fc.property(fc.double({ min: -5, max: 40, noNaN: true }), fc.double({ min: 0, max: 40, noNaN: true }), fc.boolean(), (left, later, served) => {
        const ends = NOON + left * DAY;
        const first = rungOf({ ends, served }, NOON, defaults);
        const second = rungOf({ ends, served }, NOON + later * DAY, defaults);
        if (first) expect(second?.rank ?? 0).toBeGreaterThanOrEqual(first.rank);
        expect(nextNotice(first, first).ask).toBeUndefined();
      }),
    );
  });

  test('lets an acknowledgement last into the next step, and as of any page once it has ended', () => {
    const at = (left: number) => ackLastsFor({ ends: NOON + left * DAY, served: true }, NOON, defaults);
    expect((at(20) as number) / DAY).toBeCloseTo(6 + 1 + 2 / 24);
    expect((at(2) as number) / DAY).toBeCloseTo(1 + 1 + 2 / 24);
    expect((at(0.5) as number) / DAY).toBeCloseTo(0.5 + 2 / 24);
    expect(at(-1)).toBeUndefined();
  });
});

describe('the looks of a day', () => {
  test('are one in the morning for a small fleet', () => {
    expect(partOfDay(Date.parse('2026-07-15T07:00Z'), 29, 'UTC')).toEqual({ part: 0, parts: 1, next: Date.parse('2026-07-16T07:00Z') });
  });

  test('are spread over the day for a large one, every host once', () => {
    const seen = new Map<number, number>();
    let now = Date.parse('2026-07-15T07:00Z');
    for (let n = 0; n < 20; n += 1) {
      const { part, parts, next } = partOfDay(now, 5_000, 'UTC');
      expect(parts).toBe(20);
      seen.set(part, (seen.get(part) ?? 0) + 1);
      now = next;
    }
    expect([...seen.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n));
    expect(now).toBe(Date.parse('2026-07-16T07:00Z'));
  });

  test('keep their hour when clocks change', () => {
    expect(partOfDay(Date.parse('2026-10-24T05:00Z'), 29, 'Europe/Berlin').next).toBe(Date.parse('2026-10-25T06:00Z'));
  });
});
