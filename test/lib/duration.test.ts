import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDuration, sayDuration } from '../../src/lib/duration.ts';

test.each([
  ['90s', 90_000],
  ['2h30m', 9_000_000],
  ['2h 30 min', 9_000_000],
  ['1.5h', 5_400_000],
  ['3 minutes', 180_000],
  ['7d', 604_800_000],
  [' 1 W ', 604_800_000],
  ['250ms', 250],
])('%s is a duration', (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});

test.each(['', '7', '7x', 'd', '1 0m', '-3h', '3h-', '1e3s', '5constructor', '1.m', 'for 3h', `${'9'.repeat(400)}d`])('%j is none', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test.each([
  [0, '0 s'],
  [59_600, '1 min'],
  [61_000, '1 min 1 s'],
  [41 * 60_000 + 3000, '41 min'],
  [9_000_000, '2 h 30 m'],
  [76 * 3_600_000, '3 d 4 h'],
  [-3_600_000, '-1 h'],
])('%d ms is said as %s', (ms, expected) => {
  expect(sayDuration(ms)).toBe(expected);
});

test('what is said in whole units is read back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), (hours) => {
      expect(parseDuration(sayDuration(hours * 3_600_000))).toBe(hours * 3_600_000);
    }),
  );
});
