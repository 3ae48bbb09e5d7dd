import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { sudoersText } from '../../../src/fleet/scripts/sudoers.ts';
import { COMMAND, ROOT_COMMAND, withRootRefusal } from '../../../src/fleet/ssh/command.ts';
import { openSsh } from '../../../src/fleet/ssh/open.ts';
import { stdinOf } from '../../../src/fleet/ssh/stdin.ts';
import type { ExecResult, Ssh } from '../../../src/fleet/ssh/transport.ts';
import { hostOn } from './hosts.ts';
import { noSshd, type Sshd, startSshd } from './sshd.ts';

vi.mock('../../../src/fleet/scripts/read.ts', () => import('./scripts.ts'));

const present = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const root = process.getuid?.() === 0;
const LOGIN = 'hf-test-login';

/** As sshd does it: the login shell is given the command after `-c`. */
const asLogin = (shell: string, command: string) => {
  const [program = 'sh', ...words] = shell.split(' ');
  return spawnSync(program, [...words, '-c', command], { input: stdinOf({ script: 'hello', args: ["it's", 'me'] }), encoding: 'utf8' });
};

describe('every login shell reads what Holdfast asks of it alike', () => {
  for (const shell of ['sh', 'dash', 'bash', 'busybox ash', 'zsh', 'mksh', 'tcsh', 'fish']) {
    const there = present(shell.split(' ')[0] as string);
    test.skipIf(!there || !root)(`${shell}${there ? (root ? '' : ' (not root here)') : ` (no ${shell} here)`}`, () => {
      for (const command of [COMMAND, ROOT_COMMAND]) {
        const ran = asLogin(shell, command);
        expect({ command, status: ran.status, stdout: ran.stdout }).toEqual({ command, status: 0, stdout: "hello it's me\n" });
      }
    });
  }
});

describe('what sudo says is told apart from what a script says', () => {
  const ran = (code: number, stdout: string, stderr: string) => withRootRefusal({ reach: 'ok', code, stdout, stderr, cut: false });

  test.each([
    [1, 'sudo: a password is required\n'],
    [1, "Sorry, user ops is not allowed to execute '/usr/bin/sh -s' as root on web01.\n"],
    [1, 'ops is not in the sudoers file.\n'],
    [127, 'sh: 1: exec: sudo: not found\n'],
    [127, 'sh: line 1: exec: sudo: not found\n'],
    [1, 'sudo: unable to resolve host web01: Name or service not known\nsudo: sorry, you must have a tty to run sudo\n'],
  ])('%s %s', (code, stderr) => {
    expect(ran(code, '', stderr).needsRoot).toMatch(/^needs sudo for this login: npx holdfast sudoers --changes /);
  });

  test.each([
    [1, 'end=reboot v1\n', 'sudo: a password is required\n'],
    [1, '', 'sudo: unable to resolve host web01\n'],
    [3, '', 'sudo: a password is required\n'],
    [1, '', 'disk is full\n'],
  ])('but not %s %s %s', (code, stdout, stderr) => {
    expect(ran(code, stdout, stderr)).not.toHaveProperty('needsRoot');
  });
});

const noLogin =
  noSshd ??
  (root && ['useradd', 'visudo', 'sudo'].every((tool) => present(tool) || existsSync(`/usr/sbin/${tool}`)) ? undefined : 'needs root, useradd and sudo');

describe.skipIf(noLogin)(`a login that is not root, over a real sshd${noLogin ? ` (${noLogin})` : ''}`, () => {
  let sshd: Sshd;
  let ssh: Ssh;
  const sudoers = `/etc/sudoers.d/${LOGIN}`;
  const answers = async (transport: 'ssh2' | 'system', script: string): Promise<ExecResult> => {
    const host = hostOn(sshd, { name: `${transport}-${script}`, user: LOGIN });
    return ssh.exec({ ...host, ssh: { ...host.ssh, transport } }, { script, args: [], timeout: 10_000 });
  };

  beforeAll(async () => {
    spawnSync('useradd', ['-M', '-d', '/', '-s', '/bin/sh', LOGIN]);
    // A locked account may not log in without PAM; `*` is no password at all.
    spawnSync('usermod', ['-p', '*', LOGIN]);
    sshd = await startSshd({ config: ['PermitRootLogin yes'] });
    // Its folder is closed to others, and the keys are read as the user who logs in.
    chmodSync(sshd.dir, 0o755);
    chmodSync(join(sshd.dir, 'authorized_keys'), 0o644);
    ssh = openSsh({ user: LOGIN });
    mkdirSync('/etc/sudoers.d', { recursive: true });
    writeFileSync(sudoers, sudoersText(LOGIN, { changes: true }), { mode: 0o440 });
  });
  afterAll(async () => {
    await ssh.close();
    await sshd.stop();
    rmSync(sudoers, { force: true });
    spawnSync('userdel', [LOGIN]);
  });

  test.each(['ssh2', 'system'] as const)('with the line of `holdfast sudoers --changes` runs a script marked root as root, by %s', async (transport) => {
    expect(await answers(transport, 'who-as-root')).toMatchObject({ reach: 'ok', code: 0, stdout: '0\n' });
    expect(await answers(transport, 'who')).toMatchObject({ reach: 'ok', stdout: expect.not.stringMatching(/^0$/) });
  });

  test.each(['ssh2', 'system'] as const)('without it hears that it needs sudo, and nothing of the script began, by %s', async (transport) => {
    rmSync(sudoers, { force: true });
    try {
      expect(await answers(transport, 'who-as-root')).toMatchObject({
        reach: 'ok',
        stdout: '',
        needsRoot: expect.stringContaining('needs sudo for this login'),
      });
    } finally {
      writeFileSync(sudoers, sudoersText(LOGIN, { changes: true }), { mode: 0o440 });
    }
  });
});
