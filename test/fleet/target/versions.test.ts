import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareVersions } from '../../../src/fleet/target/versions.ts';

test.each([
  ['4.11', '>', '4.2'],
  ['3.1', '<', '3.1.5'],
  ['4.6', '=', '4.6.0'],
  ['5.10.0-21-amd64', '<', '5.10.0-22-amd64'],
  ['5.10.0-21-amd64', '=', '5.10.0-21-cloud-amd64'],
  ['2.6.32-754.el6', '>', '2.6.32.50'],
  ['4.18.0-553.el8_10.x86_64', '<', '4.18.0-554.el8'],
  ['6.1.0-rc3', '<', '6.1.0'],
  ['v1.2', '=', '1.2'],
  ['10', '>', '9.99'],
])('%s %s %s', (a, sign, b) => {
  const order = Math.sign(compareVersions(a, b) as number);
  expect(order).toBe(sign === '<' ? -1 : sign === '>' ? 1 : 0);
});

test('what is no version has no order', () => {
  expect(compareVersions('unknown', '1.0')).toBeUndefined();
  expect(compareVersions('1.0', '')).toBeUndefined();
});

test('tuples of integers are ordered as tuples are, whichever side they stand on', () => {
  const version = fc.array(fc.nat(20), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(version, version, (a, b) => {
      const difference = [0, 1, 2, 3].map((at) => (a[at] ?? 0) - (b[at] ?? 0)).find((one) => one !== 0) ?? 0;
      expect(Math.sign(compareVersions(a.join('.'), b.join('.')) as number)).toBe(Math.sign(difference));
      expect(compareVersions(b.join('.'), a.join('.')) as number).toBe(0 - (compareVersions(a.join('.'), b.join('.')) as number));
    }),
  );
});
