import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resolveTarget } from '../../../src/fleet/target/resolve.ts';
import { Refusal } from '../../../src/lib/refusal.ts';
import { fleetOf, worldOf } from './small-fleet.ts';

const web = ['web01', 'web02', 'web03', 'web04', 'web05', 'web06'];
const fleet = fleetOf([...web, 'db01', 'mon01'], { web, db: ['db01'], prod: [...web, 'db01'] });
const world = worldOf(fleet, { live: { down: [], 'R1:failed': ['web01'] } });
const refusal = (expression: string): Promise<string> =>
  resolveTarget(expression, world).then(
    ({ hosts }) => `resolved to ${hosts.length}`,
    (error) => (error instanceof Refusal ? error.message : `not a refusal: ${error.stack}`),
  );

describe('What cannot be resolved is refused in words', () => {
  test.each([
    ['nosuch', /^No host matches "nosuch"\. Did you mean \S+\? .*8 hosts.*@all @web @db @prod @down/],
    ['wbe01', /Did you mean web01\b/],
    ['web', /^No host matches "web"\. Did you mean @web\?/],
    ['@wbe', /^No host matches "@wbe"\. Did you mean @web\?/],
    ['@dwon', /Did you mean @down\?/],
    ['@R2:failed', /^No host matches "@R2:failed"\. Did you mean @R1:failed\?/],
    ['web[01-20]', /^No host matches "web\[07-20\]"\. Did you mean web\[01-06\]\?/],
    ['@web!wbe03', /^No host matches "wbe03"/],
    ['web1', /Did you mean web01/],
    ['app*', /^No host matches "app\*"/],
    ['@web&@db', /^"@web&@db" matches none of 8 hosts\.$/],
    ['@down', /matches none of 8 hosts/],
    ['', /^Say which hosts/],
    ['where uptime > 3d', /^Say which hosts first/],
    ['(web01,db01)&@prod', /no parentheses \(at column 1\)/],
    ['@web @prod', /^No operator stands before "@prod" at column 6/],
    ['@web&web01 web02', /^No operator stands before "web02" at column 12/],
    ['@web!', /^The "!" at column 5 needs/],
    ['web[01-', /^The "\[" at column 4 is not closed/],
    ['db01,web[2-1]', /^Cannot read the range "2-1" at column 10: it runs backwards/],
    ['web[-1]', /^Cannot read the range "-1" at column 5/],
    ['web0[9-10]', /read two ways/],
    ['@', /a group is missing/],
    ['@web*', /^Groups are named in full/],
    ['web01|web02', /^"\|" at column 6 is no operator/],
    ['@web uptime > 3d', /begins with the word where/],
    ['a[1-9999999999]', /9,999,999,999 names/],
    ['a[1-99]b[1-99]c[1-99]', /970,299 names/],
    ['web01;reboot', /The character ";" at column 6/],
    ['`reboot`', /The character "`" at column 1/],
    ['$(reboot)', /The character "\$" at column 1/],
    ['@everyone', /^No host matches "@everyone"/],
    ['web\u001b[31m', /U\+001B\) stands at column 4/],
    ['web\u202e01', /U\+202E/],
  ])('%j', async (expression, says) => {
    expect(await refusal(expression)).toMatch(says);
  });

  test('all unknown names at once', async () => {
    expect((await refusal('wbe01,db01,@prd')).split('\n')).toHaveLength(2);
  });
});

describe('Hostile input is refused or resolved in milliseconds', () => {
  const large = fleetOf(
    Array.from({ length: 5000 }, (_, at) => `r${at % 100}n${Math.floor(at / 100)}`),
    {},
    { r1n1: { a: 1 } },
  );
  const busy = worldOf(large);

  test.each([
    ['ten kilobytes of one name', 'a'.repeat(10_000)],
    ['ten kilobytes of brackets', '['.repeat(10_000)],
    ['brackets in brackets', `web${'[1-'.repeat(2000)}`],
    ['ten kilobytes of operators', ',!&^'.repeat(2500)],
    ['every host, two thousand times', Array(2000).fill('@all').join('&')],
    ['a thousand names', Array.from({ length: 1400 }, (_, at) => `r${at % 100}n${at % 50}`).join(',')],
    ['many wildcards', Array.from({ length: 1000 }, (_, at) => `*a${at}*b*`).join(',')],
    ['one wildcard of many stars', `${'*a'.repeat(100)}z`],
    ['a range beyond everything', 'a[1-9999999999]'],
    ['ranges that multiply', 'a[1-999]b[1-999]c[1-999]d[1-999]'],
    ['a thousand ranges', Array(1000).fill('r[0-99]n[0-49]').join('!')],
    ['parentheses in parentheses', `@all where ${'('.repeat(5000)}`],
    ['not not not', `@all where ${'not '.repeat(2500)}a`],
    ['a thousand comparisons', `@all where ${Array(1000).fill('a = 1').join(' or ')}`],
    ['a long list of values', `@all where a in (${Array.from({ length: 1500 }, (_, at) => at).join(',')})`],
    ['control characters', '\u0000\u0007\u001b'.repeat(3000)],
    ['a line of a megabyte', 'web01,'.repeat(170_000)],
  ])('%s', async (_, expression) => {
    const began = performance.now();
    await resolveTarget(expression, busy).catch((error) => expect(error).toBeInstanceOf(Refusal));
    // A hundred times what a quiet machine needs.
    expect(performance.now() - began).toBeLessThan(1500);
  });

  test('any text at all', async () => {
    const alphabet = fc.constantFrom(...'web019*?[],-/!&^@ ()<>=~"\'`$\\', ' where ', 'and ', 'not ', 'in ', 'uptime', '\n', 'ß', '😀');
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.array(alphabet, { maxLength: 40 }).map((parts) => parts.join('')),
    );
    await fc.assert(
      fc.asyncProperty(text, async (expression) => {
        expect(await refusal(expression)).not.toMatch(/^not a refusal/);
      }),
      { numRuns: 2000 },
    );
  });
});
