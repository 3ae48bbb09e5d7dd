import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, test } from 'vitest';
import { readScript } from '../../src/fleet/scripts/read.ts';
import { readHoldAnswer } from '../../src/holds/answer.ts';
import { answerCall } from '../../src/sandbox/answer.ts';
import { freshModel, type HostModel } from '../../src/sandbox/model.ts';
import { HOSTS, type RosterHost } from '../../src/sandbox/roster.ts';
import { become } from '../../src/sandbox/simulated.ts';
import { type DebianRoot, debianRoot, noRoot } from './debian-root.ts';

const NAMES = ['pause-updates', 'look-updates', 'resume-updates', 'unload-kernelcare', 'policy-updates'];
const noShellcheck = spawnSync('shellcheck', ['--version']).status !== 0;

describe(`each script as it is sent${noShellcheck ? ' (no shellcheck here)' : ''}`, () => {
  test.skipIf(noShellcheck).each(NAMES)('%s is plain POSIX shell, its parts included', (name) => {
    // What a part has and this script does not use is unused by it, not by the others.
    const { stdout } = spawnSync('shellcheck', ['-s', 'sh', '-e', 'SC2317,SC2034', '-'], { input: readScript(name).text, encoding: 'utf8' });
    expect(stdout).toBe('');
  });

  test.each(NAMES)('%s says what it is first and that it needs root', (name) => {
    expect(readScript(name)).toMatchObject({ version: 1, root: true });
    expect(readScript(name).text).not.toMatch(/^# part:/m);
  });
});

let root: DebianRoot | undefined;
let model: HostModel;
const kvm = HOSTS.find(({ name }) => name === 'kvm01') as RosterHost;
const NOW = Date.UTC(2026, 10, 20, 12);
afterEach(() => {
  root?.close();
  root = undefined;
});

function simulated(script: string, args: string[]): string {
  const { stdout, becomes } = answerCall({ script, version: 1, args }, kvm, model, NOW);
  if (becomes) model = become(model, becomes);
  return stdout;
}

/** Which keys there are, in which form, and what words of a small set their values begin with. */
function shape(stdout: string): string[] {
  const words = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => /^([a-z_]+(?:\[\])?)=(.*)$/.exec(line));
  expect(words.every(Boolean)).toBe(true);
  const first: Record<string, RegExp> = {
    'record[]': /^\S+/,
    'held[]': /^[a-z]+/,
    'drift[]': /^[a-z]+/,
    'restored[]': /^\S+/,
    fence: /.*/,
    lease: /.*/,
    kernelcare: /.*/,
    unloaded: /.*/,
    updates: /.*/,
    end: /.*/,
  };
  return [...new Set(words.map((match) => `${match?.[1]} ${first[match?.[1] as string]?.exec(match?.[2] as string)?.[0] ?? ''}`.trim()))].sort();
}

/** A host with KernelCare and nothing else that is asked about. */
function kernelcareHost(): DebianRoot {
  root = debianRoot();
  root.write('/etc/cron.d/kcare-cron', '20 */4 * * * root /usr/bin/kcarectl --auto-update\n');
  root.write('/etc/sysconfig/kcare/kcare.conf', 'AUTO_UPDATE=True\n');
  root.write('/lib/systemd/system/kcare.service', '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n');
  root.sh('systemctl enable kcare.service 2>/dev/null');
  root.write('/usr/bin/kcarectl', KCARECTL, { mode: 0o755 });
  return root;
}

/** Answers as kcarectl does, from a file that says whether the patch is loaded. */
const KCARECTL = `#!/bin/sh
case $1 in
--info) [ -e /run/unpatched ] || echo 'kpatch-description: K20261104_01;4.18.0' ;;
--uname) if [ -e /run/unpatched ]; then uname -r; else echo 9.9.9-patched; fi ;;
--unload) touch /run/unpatched; echo 'KernelCare protection disabled. Your kernel might not be safe' ;;
--version) echo 2.94-1 ;;
esac
`;

describe.skipIf(noRoot)(`the sandbox answers in the words of the real scripts${noRoot ? ` (${noRoot})` : ''}`, () => {
  test('pause, look while paused, pause again, resume, resume again, look', () => {
    const real = kernelcareHost();
    model = freshModel(kvm, NOW);
    const hold = ['H1-a', '2026-11-27T09:00:00Z', 'ada', 'R1', 'why', 'puppet.service', 'kernelcare'];
    const calls: [string, string[]][] = [
      ['look-updates', ['H1-a', 'puppet.service', 'kernelcare']],
      ['pause-updates', ['R1-x-1', ...hold]],
      ['look-updates', ['H1-a', 'puppet.service', 'kernelcare']],
      ['pause-updates', ['R1-x-1', ...hold]],
      ['resume-updates', ['R2-x-1', 'H1-a']],
      ['resume-updates', ['R2-x-1', 'H1-a']],
      ['pause-updates', ['R1-x-1', ...hold]],
      ['look-updates', ['H1-a', 'puppet.service', 'livepatch']],
      ['pause-updates', ['R1-x-1', 'H2-a', ...hold.slice(1, -1), 'livepatch']],
      ['resume-updates', ['R2-x-1', 'H9-a']],
    ];
    for (const [script, args] of calls) expect(shape(simulated(script, args)), `${script} ${args.join(' ')}`).toEqual(shape(real.run(script, args)));
  });

  test('unload: only looked at, done once, refused a second time', () => {
    const real = kernelcareHost();
    model = freshModel(kvm, NOW);
    const boot = real.sh('cat /proc/sys/kernel/random/boot_id').trim();
    const calls: [string, string, string][] = [
      ['i-1', '', 'look'],
      ['i-1', 'boot', 'act'],
      ['i-1', 'boot', 'act'],
      ['i-1', '', 'look'],
      ['i-2', 'another-boot', 'act'],
    ];
    for (const [intent, id, what] of calls) {
      const args = (own: string): string[] => [intent, id === 'boot' ? own : id, what];
      expect(shape(simulated('unload-kernelcare', args(model.bootId))), `${intent} ${what}`).toEqual(shape(real.run('unload-kernelcare', args(boot))));
    }
  });

  test('a patch is taken off only once for one intent, and only from the boot that was looked at', () => {
    const real = kernelcareHost();
    const boot = real.sh('cat /proc/sys/kernel/random/boot_id').trim();
    const said = (...args: string[]) => readHoldAnswer(real.run('unload-kernelcare', args), 'unload-kernelcare v1').said;
    expect(said('i-0', 'another-boot', 'act')).toMatchObject({ fence: 'rebooted', unloaded: 'no' });
    expect(said('i-1', boot, 'act')).toMatchObject({ fence: 'new', unloaded: 'yes', level: 'none', updates: 'on' });
    real.sh('rm /run/unpatched');
    expect(said('i-1', boot, 'act')).toMatchObject({ fence: 'already', unloaded: 'no', level: 'K20261104_01' });
  });
});

describe.skipIf(noRoot)(`the policy of a host${noRoot ? ` (${noRoot})` : ''}`, () => {
  test('is set, is in force, and is taken back byte for byte', () => {
    const real = kernelcareHost();
    const paths = ['/etc/cron.d/kcare-cron', '/etc/sysconfig/kcare/kcare.conf', '/etc/systemd/system/apt-daily-upgrade.timer.d/50-holdfast-window.conf'];
    const before = paths.map((path) => real.state(path));
    const set = readHoldAnswer(real.run('policy-updates', ['R7-x-1', 'R7-a', '48', 'yes', '08:30', '10:00']), 'policy-updates v1');
    expect(set).toMatchObject({ whole: true, said: { fence: 'new' }, failed: [] });
    expect(real.sh(`cat ${paths.join(' ')}`)).toBe(
      '20 */4 * * * root /usr/bin/kcarectl --auto-update --gradual-rollout=auto\nAUTO_UPDATE=True\nUPDATE_DELAY=48h\n# Holdfast: updates between 08:30 and 10:00\n[Timer]\nOnCalendar=\nOnCalendar=*-*-* 08:30:00\nRandomizedDelaySec=60m\nPersistent=false\n',
    );
    real.sh(`mv /usr/bin/systemctl /usr/bin/systemctl.heard && cat >/usr/bin/systemctl <<'END'
#!/bin/sh
echo "$*" >>/run/heard
exec /usr/bin/systemctl.heard "$@"
END
chmod 755 /usr/bin/systemctl`);
    expect(readHoldAnswer(real.run('resume-updates', ['R8-x-1', 'R7-a']), 'resume-updates v1').failed).toEqual([]);
    expect(paths.map((path) => real.state(path))).toEqual(before);
    // Until it reads its files again, systemd keeps to the hours it has read.
    expect(real.sh('cat /run/heard').trim().split('\n').at(-1)).toBe('daemon-reload');
  });

  test('is not touched while updates are paused: what is recorded there would no longer be true', () => {
    const real = kernelcareHost();
    real.run('pause-updates', ['R1-x-1', 'H1-a', 'u', 'ada', 'R1', '', '', 'kernelcare']);
    expect(readHoldAnswer(real.run('policy-updates', ['R7-x-1', 'R7-a', '48', '', '', '']), 'policy-updates v1').said).toEqual({ fence: 'held H1-a' });
  });
});
