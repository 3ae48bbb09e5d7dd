import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, utimesSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readScript } from '../../../src/fleet/scripts/read.ts';
import { inRoot, present, type Rooted, SHELLS, shellcheck } from './in-root.ts';

const SCRIPTS = ['boot', 'reboot', 'reboot-off', 'kernel-once', 'drain-guests'];
const BOOT = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(@\d+)?$/;

let host: Rooted;
beforeEach(() => {
  host = inRoot('reboot');
});
afterEach(() => host.remove());

/** A systemd, and a shutdown that keeps account of its calls as the real one does. */
function systemd(): void {
  host.folder('run/systemd/system');
  host.folder('run/systemd/shutdown');
  host.tool('systemctl', 'case "$*" in *list-jobs*) ;; *is-system-running*) echo running ;; *) printf "SystemState=running\\nNFailedUnits=0\\n" ;; esac');
  host.tool(
    'shutdown',
    `echo "$*" >>ROOT/shutdowns
file=ROOT/run/systemd/shutdown/scheduled
if [ "$1" = -c ]; then rm -f "$file"; exit 0; fi
printf 'USEC=%s000000\\nWARN_WALL=1\\nMODE=reboot\\nWALL_MESSAGE=%s\\n' "$(($(date +%s) + 60))" "$3" >"$file"`,
  );
}

const look = () => host.run(['look', 'R1-web01-1', '', '0', 'run R1 by alice']);
const thisBoot = () => look().values.boot as string;
const begin = (intent = 'R1-web01-1', boot = thisBoot()) => host.run(['begin', intent, boot, '0', 'run R1 by alice']);
const shutdowns = () => host.read('shutdowns').split('\n').filter(Boolean);

describe('what would reboot a host', () => {
  test.each(SCRIPTS)('%s: shellcheck has nothing to say', (name) => {
    expect(present('shellcheck')).toBe(true);
    expect(shellcheck(name)).toBe('');
  });

  test.each(SCRIPTS.slice(1))('%s runs as root, and says so where the transport looks', (name) => {
    expect(readScript(name).root).toBe(true);
  });

  test.each(SHELLS)('finds by %s %s which boot this is, and nothing against a reboot of a quiet host', (...shell) => {
    systemd();
    const { values, lists, stderr, stdout } = host.run(['look', 'R1-web01-1', '', '0', 'run R1 by alice'], shell);
    expect({ boot: values.boot, blocked: lists.blocked, stderr, end: values.end }).toEqual({
      boot: expect.stringMatching(BOOT),
      blocked: [],
      stderr: '',
      end: 'reboot v1',
    });
    expect(stdout.endsWith('end=reboot v1\n')).toBe(true);
    expect(shutdowns()).toEqual([]);
  });
});

describe('a reboot is refused, and nothing is scheduled,', () => {
  const refused = () => {
    const { values, lists } = begin();
    // Without its end it would count as one that may have been told.
    expect(values).toMatchObject({ end: 'reboot v1' });
    expect(values).not.toHaveProperty('fence');
    expect(shutdowns()).toEqual([]);
    expect(host.read('run/holdfast')).toBe('');
    return lists.blocked;
  };
  beforeEach(systemd);

  test('while somebody holds the lock of dpkg', async () => {
    const lock = host.file('var/lib/dpkg/lock-frontend');
    const holder = spawn('flock', [lock, 'sh', '-c', 'echo held; sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
    await once(holder.stdout, 'data');
    try {
      expect(refused()).toEqual([expect.stringMatching(/^flock \(pid \d+\) holds the package lock$/)]);
    } finally {
      process.kill(-(holder.pid as number));
    }
  });

  test('while packages are half-configured', () => {
    host.file('var/lib/dpkg/status');
    host.tool('dpkg-query', "printf 'ii |bash\\niF |postfix\\niU |nginx\\n'");
    expect(refused()).toEqual(['packages are half-configured: postfix, nginx']);
  });

  test('while dnf is at work, and not for the file a dead one left', () => {
    host.file('run/dnf.pid', `${process.pid}\n`);
    expect(refused()).toEqual([`dnf.pid (pid ${process.pid}) says that packages are being installed`]);
    host.file('run/dnf.pid', '4194304\n');
    expect(look().lists.blocked).toEqual([]);
  });

  test('while systemd has jobs', () => {
    host.tool('systemctl', 'case "$*" in *list-jobs*) echo "17 apt-daily-upgrade.service start running" ;; esac');
    expect(refused()).toEqual(['systemd is at work: apt-daily-upgrade.service (start)']);
  });

  test('while RAID is rebuilt, and not while it is only checked', () => {
    host.file('proc/mdstat', 'md0 : active raid1 sdb1[2] sda1[0]\n      [>....]  recovery =  4.1% (1/2) finish=9min\n');
    expect(refused()).toEqual(['RAID is being rebuilt: md0']);
    host.file('proc/mdstat', 'md0 : active raid1 sdb1[2] sda1[0]\n      [>....]  check =  4.1% (1/2) finish=9min\n');
    expect(look().lists.blocked).toEqual([]);
  });

  test('while a crash dump is written, and not for one that never ended', () => {
    const dump = host.file('var/crash/202611201324/dump-incomplete.202611201324', 'x');
    expect(refused()).toEqual([expect.stringMatching(/^a crash dump is being written: .*dump-incomplete/)]);
    utimesSync(dump, 1, 1);
    expect(look().lists.blocked).toEqual([]);
  });

  test('when it has only just booted', () => {
    const { lists } = host.run(['begin', 'R1-web01-1', thisBoot(), '999999999', 'run R1 by alice']);
    expect(lists.blocked).toEqual([expect.stringMatching(/^it booted only \d+ s ago$/)]);
  });

  test('when somebody forbids it, and not when somebody only wants it later', () => {
    host.file('run/systemd/inhibit/1', 'WHAT=shutdown:sleep\nMODE=block\nWHO=pg_basebackup\nWHY=a copy is being taken\n');
    expect(refused()).toEqual(['pg_basebackup forbids it: a copy is being taken']);
    host.file('run/systemd/inhibit/1', 'WHAT=shutdown\nMODE=delay\nWHO=Unattended Upgrades Shutdown\nWHY=x\n');
    expect(look().lists.blocked).toEqual([]);
  });

  test('when another shutdown is scheduled already', () => {
    host.file('run/systemd/shutdown/scheduled', 'USEC=1700000000000000\nMODE=poweroff\nWALL_MESSAGE=moving house\n');
    expect(refused()).toEqual(['a poweroff is scheduled already: moving house']);
  });

  test('for all reasons at once, each on its line', () => {
    host.file('run/dnf.pid', `${process.pid}\n`);
    host.file('proc/mdstat', 'md1 : active\n resync=DELAYED\n');
    expect(refused()).toHaveLength(2);
  });
});

describe('one intent reboots a host once', () => {
  beforeEach(systemd);

  test('scheduled in a minute, with the words of the run; the second call is told so', () => {
    const first = begin();
    expect(first.values).toMatchObject({ fence: 'taken', how: 'systemd' });
    expect(Number(first.values.scheduled) * 1000 - Date.now()).toBeGreaterThan(50_000);
    expect(shutdowns()).toEqual(['-r +1 run R1 by alice [R1-web01-1]']);
    expect(begin().values).toMatchObject({ fence: 'already', why: 'intent', scheduled: first.values.scheduled });
    expect(shutdowns()).toHaveLength(1);
  });

  test('ten at the same instant: exactly one acts', async () => {
    const boot = thisBoot();
    const answers = await Promise.all(Array.from({ length: 10 }, () => host.start(['begin', 'R1-web01-1', boot, '0', 'run R1 by alice'])));
    expect(answers.map(({ values }) => values.fence).sort()).toEqual([...Array(9).fill('already'), 'taken']);
    expect(shutdowns()).toHaveLength(1);
  });

  test('a host that has booted since refuses whoever comes late, also under an intent it has forgotten', () => {
    expect(begin('R1-web01-1', '00000000-0000-4000-8000-000000000000').values).toMatchObject({ fence: 'already', why: 'rebooted' });
    expect(shutdowns()).toEqual([]);
  });

  test('a shutdown that schedules nothing is no reboot', () => {
    host.tool('shutdown', 'echo "Failed to set wall message" >&2; exit 1');
    expect(begin().values).toMatchObject({ fence: 'taken', failed: 'shutdown -r +1: Failed to set wall message' });
  });

  test('an intent that is no name is none', () => {
    for (const intent of ['', '../x', 'a b', '.x', '$(id)']) expect(begin(intent).values).toMatchObject({ failed: 'the intent is no name' });
    expect(shutdowns()).toEqual([]);
  });
});

describe('without systemd', () => {
  /** A process that has ended keeps its entry until somebody reaps it, but not its arguments. */
  const alive = () => {
    const pid = host.read('run/holdfast/R1-web01-1/pid').trim();
    return pid !== '' && existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  };

  test.each([
    // That of sysvinit waits where it was started; busybox has only a reboot, and that at once.
    ['shutdown', undefined, 'echo "$*" >>ROOT/shutdowns\n[ "$1" = -c ] || while :; do sleep 1; done'],
    ['reboot', 'shutdown', 'echo rebooted >>ROOT/shutdowns'],
  ])('it is left to a %s in the background that outlives the session, and can be called off', (how, without, body) => {
    host.remove();
    host = inRoot('reboot', without === undefined ? {} : { without });
    host.tool(how, body);
    const { values } = begin();
    expect(values).toMatchObject({ fence: 'taken', how });
    expect(Number(values.scheduled) * 1000 - Date.now()).toBeGreaterThan(50_000);
    expect(alive()).toBe(true);
    expect(begin().values).toMatchObject({ fence: 'already', scheduled: values.scheduled });
    expect(host.also('reboot-off').run(['R1-web01-1', thisBoot()]).values).toMatchObject({ off: 'done' });
    expect(alive()).toBe(false);
    expect(shutdowns()).not.toContain('rebooted');
  });
});

describe('calling it off', () => {
  const callOff = (intent = 'R1-web01-1', boot = thisBoot()) => host.also('reboot-off').run([intent, boot]);
  beforeEach(systemd);

  test('takes away what was scheduled for this intent', () => {
    begin();
    expect(callOff().values).toMatchObject({ off: 'done', end: 'reboot-off v1' });
    expect(host.read('run/systemd/shutdown/scheduled')).toBe('');
    expect(begin().values).toMatchObject({ fence: 'already', why: 'intent' });
    expect(shutdowns().filter((line) => line.startsWith('-r'))).toHaveLength(1);
  });

  test('leaves what somebody else scheduled, and says what it is', () => {
    host.file('run/systemd/shutdown/scheduled', 'USEC=1700000000000000\nMODE=poweroff\nWALL_MESSAGE=moving house\n');
    expect(callOff().values).toMatchObject({ off: 'other', says: 'moving house' });
    expect(host.read('run/systemd/shutdown/scheduled')).toContain('moving house');
  });

  test('that comes before the reboot was told refuses it when it arrives', () => {
    expect(callOff().values).toMatchObject({ off: 'nothing' });
    expect(begin().values).toMatchObject({ fence: 'already', why: 'intent' });
    expect(shutdowns()).toEqual([]);
  });

  test('comes too late once the host has booted', () => {
    expect(callOff('R1-web01-1', '00000000-0000-4000-8000-000000000000').values).toMatchObject({ off: 'late' });
  });
});
