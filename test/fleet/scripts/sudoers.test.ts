import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { FACTS } from '../../../src/fleet/facts/catalogue.ts';
import { readScript } from '../../../src/fleet/scripts/read.ts';
import { ROOT_COMMANDS, sudoersText } from '../../../src/fleet/scripts/sudoers.ts';

const visudo = ['visudo', '/usr/sbin/visudo'].find((path) => spawnSync(path, ['-V']).status === 0);

describe('the sudoers line', () => {
  test.skipIf(!visudo)(`is one that visudo takes${visudo ? '' : ' (no visudo here)'}`, () => {
    const { status, stdout, stderr } = spawnSync(visudo as string, ['-cf', '-'], { input: sudoersText('holdfast'), encoding: 'utf8' });
    expect({ status, said: stdout + stderr }).toMatchObject({ status: 0 });
  });

  test('names every command that the check asks root for, and no other', () => {
    const asked = [...readScript('check').text.matchAll(/asroot ((?:[a-z"$][^\s;)|&]*|-[^\s;)|&]*)(?: [^;)|&\n]+)?)/g)].map(
      (match) => (match[1] as string).split(' ')[0],
    );
    const programs = new Set(asked.map((word) => (word === '"$tool"' ? 'iptables-save' : word)));
    programs.add('ip6tables-save');
    expect([...programs].sort()).toEqual([...new Set(ROOT_COMMANDS.flatMap(({ paths }) => paths.map((path) => path.split('/').at(-1))))].sort());
  });

  test('every fact it is for is marked as needing root', () => {
    for (const { fact } of ROOT_COMMANDS) expect([fact, FACTS[fact]?.root]).toEqual([fact, true]);
  });

  test('no command in it takes words of a stranger’s choice', () => {
    expect(sudoersText('holdfast')).not.toMatch(/\*|\?|ALL\s*$|NOPASSWD: ALL/m);
    for (const { args } of ROOT_COMMANDS) expect(args).not.toBe('');
  });

  test('a login that sudoers would read as something else is refused', () => {
    for (const user of ['ALL', '%wheel', 'a b', 'a\nroot ALL=(ALL) ALL', '#0', '', '+net', 'a,b']) expect(() => sudoersText(user)).toThrow('is no Unix login');
  });
});
