import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Problem } from '../../../src/config/problem.ts';
import { expandAnsibleRange } from '../../../src/fleet/inventory/ansible-range.ts';
import { readAnsibleYaml, readVariables } from '../../../src/fleet/inventory/ansible-yaml.ts';
import { buildFleet } from '../../../src/fleet/inventory/build.ts';

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

describe('an inventory or ssh config everyone may change', () => {
  test.each([
    ['an inventory', 'hosts', { sources: [{ ansible: 'hosts' }] }],
    ['an ssh config', 'config', { sources: [{ ssh_config: 'config' }] }],
    ['the ssh config beside an inventory', 'config', { sources: [], ssh: { config: 'config' } }],
  ])('%s is refused: its proxy commands are run', async (_, name, input) => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-open-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'hosts'), 'web01\n');
    writeFileSync(join(folder, 'config'), 'Host web01\n  User ops\n');
    const build = () => buildFleet({ file: join(folder, 'holdfast.yaml'), home: folder, hosts: {}, groups: {}, sites: {}, ssh: {}, ...input });
    expect((await build()).problems).toEqual([]);
    chmodSync(join(folder, name), 0o666);
    expect((await build()).problems).toEqual([{ file: join(folder, name), says: expect.stringMatching(/Everyone on this machine can change it.*chmod o-w/) }]);
  });
});
