import { expect, test } from 'vitest';
import { didYouMean, nearest } from '../../src/chat/nearest.ts';

test.each([
  ['chek', 'check'],
  ['hcek', 'check'],
  ['rebot', 'reboot'],
  ['STATUS', 'status'],
  ['stat', 'status'],
  ['web10', 'web01'],
  ['approove', 'approve'],
])('%s is near to %s', (typed, meant) => {
  expect(nearest(typed, ['check', 'reboot', 'status', 'web01', 'approve'])).toBe(meant);
});

test.each(['', 'xyz', 'deploy', 'go', 'a'.repeat(10_000)])('%.10s is near to nothing', (typed) => {
  expect(nearest(typed, ['check', 'reboot', 'status', 'stop'])).toBeUndefined();
});

test('a suggestion is a sentence, or nothing', () => {
  expect(didYouMean('chek', ['check'])).toBe(' Did you mean "check"?');
  expect(didYouMean('zzzz', ['check'])).toBe('');
});
