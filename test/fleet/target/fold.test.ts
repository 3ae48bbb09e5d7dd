import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldNames } from '../../../src/fleet/target/fold.ts';
import { parseTarget } from '../../../src/fleet/target/parse.ts';
import { expandPattern } from '../../../src/fleet/target/pattern.ts';
import { askNodeset, findNodeset } from './nodeset.ts';

const nodeset = findNodeset();

const digits = fc
  .oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 120 }))
  .chain((value) => fc.constantFrom(1, 2, 3).map((pad) => String(value).padStart(pad, '0')));
const hostName = fc
  .tuple(
    fc.constantFrom('web', 'db', 'x-', 'rack'),
    digits,
    fc.option(fc.tuple(fc.constantFrom('n', '.', '-'), digits)),
    fc.constantFrom('', '.example.org', '-lab'),
  )
  .map(([stem, first, second, ending]) => stem + first + (second ? second.join('') : '') + ending);
const names = fc.array(fc.oneof({ weight: 9, arbitrary: hostName }, fc.constantFrom('mon', 'lb', 'web')), { minLength: 1, maxLength: 30 });

const expand = (text: string): string[] => parseTarget(text).steps.flatMap(({ operand }) => expandPattern(operand.pattern));

describe('Equal results are folded', () => {
  test('as hands know it from ClusterShell', () => {
    expect(foldNames(['web03', 'web01', 'web02', 'web05', 'db1', 'web04'])).toBe('db1,web[01-05]');
    expect(foldNames(['rack2node1', 'rack1node1', 'rack1node2', 'rack2node2'])).toBe('rack[1-2]node[1-2]');
    expect(foldNames(['web1', 'web01', 'web3', 'web3'])).toBe('web[1,3,01]');
    expect(foldNames([])).toBe('');
  });

  test('and unfold to the same names, whatever they are', () => {
    fc.assert(fc.property(names, (list) => void expect(expand(foldNames(list)).sort()).toEqual([...new Set(list)].sort())));
  });

  test('whatever order they come in', () => {
    fc.assert(fc.property(names, (list) => void expect(foldNames([...list].reverse())).toBe(foldNames(list))));
  });

  test('5,000 names in any shape within a blink', () => {
    const grid = Array.from({ length: 5000 }, (_, at) => `r${at % 100}n${Math.floor(at / 100)}`);
    const sparse = grid.filter((_, at) => (at * 2654435761) % 7 > 2);
    const began = performance.now();
    expect(foldNames(grid)).toBe('r[0-99]n[0-49]');
    expect(foldNames(sparse).length).toBeLessThan(sparse.join(',').length);
    expect(performance.now() - began).toBeLessThan(2000);
  });

  test.skipIf('missing' in nodeset)(`letter for letter as nodeset folds them${'missing' in nodeset ? `: ${nodeset.missing}` : ''}`, () => {
    const lists = fc.sample(names, 1500);
    const theirs = askNodeset(
      (nodeset as { python: string }).python,
      lists.map((list) => list.join(',')),
    );
    for (const [at, list] of lists.entries()) expect(foldNames(list), list.join(' ')).toBe(theirs[at]?.folded);
  });
});
