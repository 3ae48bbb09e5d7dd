import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { FACTS } from '../../../src/fleet/facts/catalogue.ts';
import { readScript } from '../../../src/fleet/scripts/read.ts';
import { ROOT_COMMANDS, sudoersText } from '../../../src/fleet/scripts/sudoers.ts';
import { ROOT_COMMAND } from '../../../src/fleet/ssh/command.ts';

const visudo = ['visudo', '/usr/sbin/visudo'].find((path) => spawnSync(path, ['-V']).status === 0);

describe('the sudoers line', () => {
  test.skipIf(!visudo)(`is one that visudo takes${visudo ? '' : ' (no visudo here)'}`, () => {
    for (const changes of [false, true]) {
      const { status, stdout, stderr } = spawnSync(visudo as string, ['-cf', '-'], { input: sudoersText('holdfast', { changes }), encoding: 'utf8' });
      expect({ changes, status, said: stdout + stderr }).toMatchObject({ status: 0 });
    }
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

  test('root itself is given only where changes were asked for, and the file says what that means', () => {
    expect(sudoersText('holdfast')).not.toContain('/sh -s');
    expect(sudoersText('holdfast', { changes: true })).toMatch(/this is all of root[\s\S]*\nCmnd_Alias HOLDFAST_CHANGE = \/usr\/bin\/sh -s, \/bin\/sh -s\n/);
    expect(ROOT_COMMAND).toMatch(/ sudo -n sh -s'$/);
  });

  test('a login that sudoers would read as something else is refused', () => {
    for (const user of ['ALL', '%wheel', 'a b', 'a\nroot ALL=(ALL) ALL', '#0', '', '+net', 'a,b']) expect(() => sudoersText(user)).toThrow('is no Unix login');
  });
});
