import { describe, expect, test } from 'vitest';
import type { Problem } from '../../../src/config/problem.ts';
import { expandAnsibleRange } from '../../../src/fleet/inventory/ansible-range.ts';
import { readAnsibleYaml, readVariables } from '../../../src/fleet/inventory/ansible-yaml.ts';

/** Nine lines that stand for a thousand million values; `join` says how each line takes in the one before. */
const bomb = (join: (before: string) => string): string =>
  ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name, at, all) => `${name}: &${name} ${at === 0 ? '{x: 1}' : join(all[at - 1] as string)}`).join('\n');

describe('an inventory made to hang whoever reads it', () => {
  test.each([
    ['lists of lists', bomb((before) => `[${Array(10).fill(`*${before}`).join(', ')}]`)],
    ['merges of merges', bomb((before) => `{<<: [${Array(10).fill(`*${before}`).join(', ')}]}`)],
  ])('with aliases of aliases as %s is a problem with its line, soon', (_, text) => {
    const problems: Problem[] = [];
    readVariables(text, 'group_vars/all.yml', problems);
    expect(problems).toEqual([{ file: 'group_vars/all.yml', line: expect.any(Number), column: expect.any(Number), says: expect.stringMatching(/aliases/) }]);
  });

  test('a fleet of which every host takes the same defaults by alias is read whole', () => {
    const hosts = Array.from({ length: 5000 }, (_, at) => `    web${at}: *d`).join('\n');
    const draft = readAnsibleYaml(`all:\n  vars: {d: &d {site: bne}}\n  hosts:\n${hosts}\n`, 'hosts.yml');
    expect(draft.problems).toEqual([]);
    expect(draft.hosts.size).toBe(5000);
  });

  test('with a line of a hundred thousand brackets is refused before it is looked at', () => {
    expect(() => expandAnsibleRange('['.repeat(100_000))).toThrow(/longer than any host name/);
  });
});
