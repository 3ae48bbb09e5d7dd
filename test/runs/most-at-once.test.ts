import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mostAtOnce } from '../../src/runs/most-at-once.ts';

test('a host whose slots are given back in the moment another takes its own was not beside it', () => {
  expect(
    mostAtOnce([
      { from: 0, to: 5 },
      { from: 5, to: 9 },
    ]),
  ).toBe(1);
});

test('one that still holds its slots counts until now', () => {
  expect(mostAtOnce([{ from: 0 }, { from: 100, to: 101 }])).toBe(2);
});

test('nobody begun is nobody at once', () => {
  expect(mostAtOnce([])).toBe(0);
});

test('is what counting at every moment gives', () => {
  const span = fc.record({ from: fc.nat(20), length: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }) });
  fc.assert(
    fc.property(fc.array(span, { maxLength: 12 }), (drawn) => {
      const spans = drawn.map(({ from, length }) => ({ from, ...(length !== undefined && { to: from + length }) }));
      const moments = Array.from({ length: 50 }, (_, at) => spans.filter(({ from, to }) => from <= at && (to === undefined || at < to)).length);
      expect(mostAtOnce(spans)).toBe(Math.max(...moments));
    }),
  );
});
