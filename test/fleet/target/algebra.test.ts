import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldNames } from '../../../src/fleet/target/fold.ts';
import { resolveTarget, type TargetWorld } from '../../../src/fleet/target/resolve.ts';
import { Refusal } from '../../../src/lib/refusal.ts';
import { askNodeset, findNodeset } from './nodeset.ts';
import { fleetOf, worldOf } from './small-fleet.ts';

const nodeset = findNodeset();

const two = (value: number): string => String(value).padStart(2, '0');
const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);
const universe = [
  ...upTo(20).map((at) => `web${two(at)}`),
  ...upTo(12).map((at) => `db${at}`),
  ...upTo(3).flatMap((rack) => upTo(4).map((node) => `rack${rack}node${two(node)}`)),
  'mon',
  'lb.example.org',
];
const groups = { web: universe.slice(0, 20), db: universe.slice(20, 32), odd: universe.filter((_, at) => at % 2 === 1), none: [] };
const fleet = fleetOf(universe, groups);
const world = worldOf(fleet, { live: { down: ['db3', 'web07', 'gone99'], 'R1:failed': ['mon'], 'INC-1': [] } });

async function namesOf(expression: string, where: TargetWorld = world): Promise<string[]> {
  try {
    return (await resolveTarget(expression, where)).hosts.map(({ name }) => name);
  } catch (error) {
    if (error instanceof Refusal && error.message.includes('matches none of')) return [];
    throw error;
  }
}

const range = (most: number, pad: number) => {
  const shown = (value: number): string => String(value).padStart(pad, '0');
  const one = fc.integer({ min: 1, max: most });
  // Unpadded ends of different length are fine, padded ones are all two digits long.
  const span = fc.tuple(one, one, fc.integer({ min: 1, max: 4 })).map(([a, b, step]) => {
    const ends = `${shown(Math.min(a, b))}-${shown(Math.max(a, b))}`;
    return step === 1 ? ends : `${ends}/${step}`;
  });
  return fc.array(fc.oneof(one.map(shown), span), { minLength: 1, maxLength: 3 }).map((spans) => `[${spans.join(',')}]`);
};
const plain = fc.oneof(
  fc.constantFrom(...universe),
  range(20, 2).map((axis) => `web${axis}`),
  range(12, 1).map((axis) => `db${axis}`),
  fc.tuple(range(3, 1), range(4, 2)).map(([rack, node]) => `rack${rack}node${node}`),
  fc.tuple(fc.integer({ min: 1, max: 3 }), range(4, 2)).map(([rack, node]) => `rack${rack}node${node}`),
);
const blank = fc.constantFrom('', '', ' ', '  ');
const expressionOf = (operand: fc.Arbitrary<string>) =>
  fc
    .tuple(operand, fc.array(fc.tuple(blank, fc.constantFrom(',', '!', '&', '^'), blank, operand), { maxLength: 6 }))
    .map(([first, rest]) => first + rest.map((piece) => piece.join('')).join(''));

describe('A target names hosts', () => {
  test.each([
    ['web01', 'web01'],
    ['web[01-05/2]', 'web[01,03,05]'],
    ['rack[1-2]node[01-02]', 'rack[1-2]node[01-02]'],
    ['@web!web[05-20]', 'web[01-04]'],
    ['@web & @odd ! web[04-20]', 'web02'],
    ['web[01-03]^web[02-04]', 'web[01,04]'],
    ['db[9-11]', 'db[9-11]'],
    ['web0*', 'web[01-09]'],
    ['rack?node04', 'rack[1-3]node04'],
    ['rack[1-2]*4', 'rack[1-2]node04'],
    ['@down', 'db3,web07'],
    ['@all ! @web ! @db ! rack*', 'lb.example.org,mon'],
    ['@R1:failed,db1', 'db1,mon'],
    ['@*&mon', 'mon'],
    ['web01 web02, web03', 'web[01-03]'],
    ['Web01', 'web01'],
    ['@Web&web01', 'web01'],
    ['web[01–03]', 'web[01-03]'],
    ['web[01--03]', 'web[01-03]'],
    ['\tweb01\n,\u00a0web02 ', 'web[01-02]'],
  ])('%j is %s', async (expression, folded) => {
    expect(foldNames(await namesOf(expression))).toBe(folded);
  });

  test('in inventory order, each once', async () => {
    expect(await namesOf('db2,web02,db1,web02,web01')).toEqual(['web01', 'web02', 'db1', 'db2']);
  });

  test('and operators are taken left to right, as sets are', async () => {
    const operand = fc.oneof(plain, fc.constantFrom('@web', '@db', '@odd', '@none', '@down', 'web*', '*1'));
    const meaning = new Map<string, Set<string>>();
    await fc.assert(
      fc.asyncProperty(operand, fc.array(fc.tuple(fc.constantFrom(',', '!', '&', '^'), operand), { maxLength: 5 }), async (first, rest) => {
        let wanted = new Set<string>();
        for (const [operator, text] of [[',', first] as const, ...rest]) {
          if (!meaning.has(text)) meaning.set(text, new Set(await namesOf(text)));
          const other = meaning.get(text) as Set<string>;
          wanted = new Set(
            universe.filter((name) => {
              const [a, b] = [wanted.has(name), other.has(name)];
              return operator === ',' ? a || b : operator === '!' ? a && !b : operator === '&' ? a && b : a !== b;
            }),
          );
        }
        expect(await namesOf(first + rest.map((piece) => piece.join('')).join(''))).toEqual([...wanted]);
      }),
      { numRuns: 300 },
    );
  });

  test.skipIf('missing' in nodeset)(`exactly those nodeset names${'missing' in nodeset ? `: ${nodeset.missing}` : ''}`, async () => {
    const expressions = fc.sample(expressionOf(plain), 2000);
    const theirs = askNodeset((nodeset as { python: string }).python, expressions);
    for (const [at, expression] of expressions.entries()) {
      const ours = await namesOf(expression);
      expect([...ours].sort(), expression).toEqual([...(theirs[at]?.names ?? ['refused'])].sort());
      expect(foldNames(ours), expression).toBe(theirs[at]?.folded);
    }
  });

  test.skipIf('missing' in nodeset)('and where nodeset cannot read a range, it is refused here too', () => {
    const broken = [
      'web[]',
      'web[1,,2]',
      'web[3-1]',
      'web[1-3/0]',
      'web[01-3]',
      'web[1-03]',
      'web[5/2]',
      'web[1-2][3-4]',
      'web[1',
      'web]',
      'web[a-b]',
      'web01,',
      ',web01',
      'web01!!web02',
    ];
    const theirs = askNodeset((nodeset as { python: string }).python, broken);
    expect(theirs.every((one) => one === undefined)).toBe(true);
    return Promise.all(broken.map((expression) => expect(namesOf(expression), expression).rejects.toThrow(Refusal)));
  });
});
