import { afterEach, describe, expect, test } from 'vitest';
import { parseFacts } from '../../src/fleet/facts/parse.ts';
import { readHoldAnswer } from '../../src/holds/answer.ts';
import { type DebianRoot, debianRoot, noRoot } from './debian-root.ts';

const CRON = '/etc/cron.d/kcare-cron';
const CONF = '/etc/sysconfig/kcare/kcare.conf';
const DROP_IN = '/etc/apt/apt.conf.d/zz-holdfast-hold';
const WANTS = '/etc/systemd/system/multi-user.target.wants/kcare.service';
const TIMERS = ['apt-daily.timer', 'apt-daily-upgrade.timer'];

let root: DebianRoot;
afterEach(() => root?.close());

/** A Debian with its apt timers running and something that looks like KernelCare. */
function kernelcareHost(options: { systemd?: boolean } = {}): DebianRoot {
  root = debianRoot(options);
  root.write('/usr/bin/kcarectl', '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  root.write(CRON, '# KernelCare\nMAILTO=root\n20 */4 * * * root /usr/bin/kcarectl --auto-update\n', { mode: 0o640, gid: 4, mtime: 1_529_318_401 });
  root.write(CONF, '# settings\nAUTO_UPDATE = True\nPREFIX=\n', { mode: 0o600, uid: 1, mtime: 1_429_318_402 });
  root.write('/lib/systemd/system/kcare.service', '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n');
  if (options.systemd !== false) {
    root.sh(`systemctl enable kcare.service 2>/dev/null; touch -h -d @1529318403 ${WANTS}`);
    root.activate(...TIMERS);
  }
  return root;
}

const pause = (sources: string[] = [], hold = 'H1-a', shell?: string[]) =>
  readHoldAnswer(
    root.run('pause-updates', ['R1-x-1', hold, '2026-11-27T09:00:00Z', 'ada', 'R1', "it's on fire", 'puppet.service', ...sources], shell),
    'pause-updates v1',
  );
const look = (sources: string[] = [], hold = 'H1-a', shell?: string[]) =>
  readHoldAnswer(root.run('look-updates', [hold, 'puppet.service', ...sources], shell), 'look-updates v1');
const resume = (record: string[] = [], hold = 'H1-a', shell?: string[]) =>
  readHoldAnswer(root.run('resume-updates', ['R2-x-1', hold, ...record], shell), 'resume-updates v1');

/** Everything a hold may touch: bytes, mode, owner and nanoseconds. */
const everything = (): Record<string, string | undefined> =>
  Object.fromEntries(
    [CRON, CONF, DROP_IN, `${DROP_IN}-reboot`, WANTS, ...TIMERS.map((timer) => `/etc/systemd/system/${timer}`)].map((path) => [path, root.state(path)]),
  );

/** Its /proc is a poor one: of much else a check has nothing to say there, and complains. */
const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'sh', '-c', 'exec sh -s 2>/dev/null', 'sh'];

const SHELLS: { name: string; shell: string[]; applets?: true }[] = [
  { name: 'dash', shell: ['dash'] },
  { name: 'bash', shell: ['bash'] },
  { name: 'busybox, with its own tools', shell: ['env', 'PATH=/bb:/usr/sbin:/usr/bin:/sbin:/bin', 'busybox', 'sh'], applets: true },
];

describe.skipIf(noRoot)(`on a real Debian root${noRoot ? ` (${noRoot})` : ''}`, () => {
  test.each(SHELLS)('what was paused by $name is verified by a second script, and is back byte for byte, mode, owner and time', ({ shell, applets }) => {
    kernelcareHost();
    if (applets) root.sh('mkdir /bb && for applet in $(busybox --list); do ln -s /usr/bin/busybox "/bb/$applet"; done');
    const before = everything();

    const paused = pause([], 'H1-a', shell);
    expect(paused).toMatchObject({ whole: true, said: { fence: 'new' }, failed: [] });
    expect(paused.sources).toEqual(expect.arrayContaining(['apt', 'kernelcare', 'cron', 'reboot']));
    expect(root.state(CRON)).toBeUndefined();
    expect(root.sh(`cat ${CONF}`)).toBe('# settings\nAUTO_UPDATE=False\nPREFIX=\n');
    expect(root.state(CONF)).toContain('600 1 0');
    expect(root.state(WANTS)).toBeUndefined();
    for (const timer of TIMERS) {
      expect(root.state(`/etc/systemd/system/${timer}`)).toContain("-> '/dev/null'");
      expect(root.isActive(timer)).toBe(false);
    }

    const looked = look([], 'H1-a', shell);
    expect(looked).toMatchObject({ whole: true, said: { lease: 'yes', until: '2026-11-27T09:00:00Z', owner: 'ada', run: 'R1' }, drift: [], running: [] });
    expect(looked.held).toEqual(expect.arrayContaining([`move ${CRON}`, `conf:AUTO_UPDATE=False ${CONF}`, 'boot kcare.service', 'unit apt-daily.timer']));

    expect(resume([], 'H1-a', shell)).toMatchObject({ whole: true, said: { fence: 'new' }, failed: [], note: [] });
    const after = everything();
    // busybox keeps whole seconds only, which is what its own stat shows.
    const exact = (state: Record<string, string | undefined>) =>
      Object.fromEntries(Object.entries(state).map(([path, text]) => [path, applets ? text?.replace(/\.\d{9} /g, ' ') : text]));
    expect(exact(after)).toEqual(exact(before));
    for (const timer of TIMERS) expect(root.isActive(timer)).toBe(true);
  });

  test('apt itself says that nothing is periodic any more, and says so no longer afterwards', () => {
    kernelcareHost();
    const asks = 'apt-config dump APT::Periodic::Enable; apt-config dump Unattended-Upgrade::Automatic-Reboot';
    const before = root.sh(asks);
    pause(['apt']);
    expect(root.sh(asks)).toBe('APT::Periodic::Enable "0";\nUnattended-Upgrade::Automatic-Reboot "false";\n');
    // apt's own script ends there and then.
    expect(root.sh('sh -x /usr/lib/apt/apt.systemd.daily install 2>&1 | tail -n 1')).toContain('exit 0');
    resume();
    expect(root.sh(asks)).toBe(before);
  });

  test('a timer the admin had masked stays masked, and one that was stopped stays stopped', () => {
    kernelcareHost();
    root.sh(
      'rm -f /run/active/apt-daily.timer; ln -s /dev/null /etc/systemd/system/apt-daily.timer && touch -h -d @1500000000 /etc/systemd/system/apt-daily.timer',
    );
    root.sh('rm /run/active/apt-daily-upgrade.timer');
    const before = everything();
    pause();
    expect(look().drift).toEqual([]);
    resume();
    expect(everything()).toEqual(before);
    for (const timer of TIMERS) expect(root.isActive(timer)).toBe(false);
  });

  test('a unit file of the admin’s own, where a mask would fail, is disabled and gets exactly its links back', () => {
    kernelcareHost();
    root.write('/etc/systemd/system/puppet.service', '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n', { mtime: 1_400_000_000 });
    root.sh('systemctl enable puppet.service 2>/dev/null; touch -h -d @1400000001 /etc/systemd/system/multi-user.target.wants/puppet.service');
    root.activate('puppet.service');
    const paths = ['/etc/systemd/system/puppet.service', '/etc/systemd/system/multi-user.target.wants/puppet.service'];
    const before = paths.map((path) => root.state(path));
    expect(pause(['agents']).record.join('\n')).toContain('unit puppet.service loaded enabled active file');
    expect(root.isActive('puppet.service')).toBe(false);
    expect(root.state(paths[1] as string)).toBeUndefined();
    expect(look(['agents']).drift).toEqual([]);
    expect(resume().failed).toEqual([]);
    expect(paths.map((path) => root.state(path))).toEqual(before);
    expect(root.isActive('puppet.service')).toBe(true);
  });

  test('no mask is planted for a unit that is not here: a later install would find it', () => {
    kernelcareHost();
    pause();
    expect(root.sh('ls /etc/systemd/system')).not.toContain('dnf-automatic');
    expect(root.sh('ls /etc/systemd/system')).not.toContain('puppet');
  });

  test('a package upgrade brings the cron file back: that is drift, pausing again takes it away, and what was recorded returns', () => {
    kernelcareHost();
    const before = everything();
    pause();
    root.write(CRON, '5 * * * * root /usr/bin/kcarectl --auto-update --gradual-rollout=auto\n');
    root.write(CONF, 'AUTO_UPDATE=True\nNEW=1\n');
    expect(look().drift.map((line) => line.split(':')[0])).toEqual(expect.arrayContaining([`move ${CRON}`, 'conf']));
    const again = pause();
    expect(again).toMatchObject({ said: { fence: 'again' }, failed: [] });
    expect(again.note.join()).toContain('/var/lib/holdfast/kept/H1-a/1-kcare-cron');
    expect(look().drift).toEqual([]);
    resume();
    expect(everything()).toEqual(before);
    // Nothing of another's is thrown away.
    expect(root.sh('cat /var/lib/holdfast/kept/H1-a/1-kcare-cron')).toContain('--gradual-rollout=auto');
    expect(root.sh('cat /var/lib/holdfast/kept/H1-a/*-kcare.conf')).toContain('NEW=1');
  });

  test('what vanished meanwhile is put back, and where it cannot be, that is said and nothing is forgotten', () => {
    kernelcareHost();
    const before = everything();
    pause();
    root.remove(CONF);
    expect(resume().failed).toEqual([]);
    expect(everything()).toEqual(before);

    pause(['kernelcare'], 'H2-b');
    root.sh('rm -rf /var/lib/holdfast/held/H2-b/files /etc/sysconfig/kcare');
    const failed = resume([], 'H2-b').failed;
    expect(failed.map((line) => line.slice(0, 60))).toEqual([
      expect.stringContaining(`path ${CONF}: its directory is gone`),
      expect.stringContaining(`path ${CRON}: the copy is gone from the host`),
    ]);
    // Its record stays, for whoever mends it.
    expect(root.sh('ls /var/lib/holdfast/held')).toBe('H2-b\n');
  });

  test('a host that lost its record is put back by the one Holdfast kept, as far as that goes', () => {
    kernelcareHost();
    const { record } = pause(['apt']);
    root.sh('rm -rf /var/lib/holdfast');
    expect(resume(record)).toMatchObject({ said: { fence: 'new' }, failed: [] });
    for (const timer of TIMERS) {
      expect(root.state(`/etc/systemd/system/${timer}`)).toBeUndefined();
      expect(root.isActive(timer)).toBe(true);
    }
    expect(root.state(DROP_IN)).toBeUndefined();
  });

  test('of two holds the first to end takes nothing from the other, and the last gives everything back', () => {
    kernelcareHost();
    const before = everything();
    pause(['kernelcare'], 'H1-a');
    expect(pause([], 'H2-b').record).toEqual(expect.arrayContaining([`share H1-a path ${CRON}`, 'share H1-a boot kcare.service']));
    const first = resume([], 'H1-a');
    expect(first).toMatchObject({ restored: [], failed: [] });
    expect(first.kept).toEqual(expect.arrayContaining([`path ${CRON} by H2-b`]));
    expect(look([], 'H2-b').drift).toEqual([]);
    resume([], 'H2-b');
    expect(everything()).toEqual(before);
  });

  test('of two holds that end the other way round, too', () => {
    kernelcareHost();
    const before = everything();
    pause(['kernelcare'], 'H1-a');
    pause([], 'H2-b');
    resume([], 'H2-b');
    expect(look(['kernelcare'], 'H1-a').drift).toEqual([]);
    for (const timer of TIMERS) expect(root.isActive(timer)).toBe(true);
    resume([], 'H1-a');
    expect(everything()).toEqual(before);
  });

  test('a pause that arrives after its hold was ended is refused by the host', () => {
    kernelcareHost();
    pause();
    resume();
    const before = everything();
    expect(pause().said).toEqual({ fence: 'ended' });
    expect(everything()).toEqual(before);
    expect(resume().said).toEqual({ fence: 'again' });
  });

  test('of a crontab others share only the lines that update become comments, and it comes back as it was', () => {
    kernelcareHost();
    const crontab = '/var/spool/cron/crontabs/root';
    root.write(crontab, '# mine\n0 3 * * * apt-get update && apt-get -y upgrade\n5 4 * * * /usr/local/bin/backup\n', {
      mode: 0o600,
      gid: 102,
      mtime: 1_450_000_000,
    });
    root.write('/etc/cron.d/mixed', '1 1 * * * root /usr/bin/ansible-pull -U x\n2 2 * * * root /bin/true\n', { mtime: 1_450_000_001 });
    root.write('/etc/cron.daily/upgrade-all', '#!/bin/sh\napt-get -y dist-upgrade\n', { mode: 0o755 });
    const paths = [crontab, '/etc/cron.d/mixed', '/etc/cron.daily/upgrade-all', '/etc/cron.daily/apt-compat', '/etc/cron.daily/dpkg'];
    const before = paths.map((path) => root.state(path));
    pause();
    expect(root.sh(`cat ${crontab}`)).toBe('# mine\n#holdfast: 0 3 * * * apt-get update && apt-get -y upgrade\n5 4 * * * /usr/local/bin/backup\n');
    expect(root.state(crontab)).toContain('600 0 102');
    expect(root.sh('cat /etc/cron.d/mixed')).toBe('#holdfast: 1 1 * * * root /usr/bin/ansible-pull -U x\n2 2 * * * root /bin/true\n');
    expect(root.state('/etc/cron.daily/upgrade-all')).toBeUndefined();
    expect(root.state('/etc/cron.daily/apt-compat')).toBe(before[3]);
    expect(look().drift).toEqual([]);
    expect(resume().failed).toEqual([]);
    expect(paths.map((path) => root.state(path))).toEqual(before);
  });

  test('without systemd: files, cron and the links of init scripts, byte for byte', () => {
    kernelcareHost({ systemd: false });
    root.write('/etc/init.d/kcare', '#!/bin/sh\nexit 0\n', { mode: 0o755 });
    root.sh('mkdir -p /etc/rc3.d && ln -s ../init.d/kcare /etc/rc3.d/S20kcare && touch -h -d @1300000000 /etc/rc3.d/S20kcare');
    const before = { ...everything(), link: root.state('/etc/rc3.d/S20kcare') };
    pause();
    expect(root.state('/etc/rc3.d/S20kcare')).toBeUndefined();
    expect(root.state(CRON)).toBeUndefined();
    expect(look()).toMatchObject({ drift: [] });
    expect(resume().failed).toEqual([]);
    expect({ ...everything(), link: root.state('/etc/rc3.d/S20kcare') }).toEqual(before);
  });

  test('a check, also one without root, says that updates are held and by nothing else stopped', () => {
    kernelcareHost();
    root.sh(`chmod 644 ${CRON} ${CONF}`);
    const agents = (): unknown[] => {
      const { facts } = parseFacts(root.run('check', [], NOBODY));
      return (facts.update_agents as { name: string; state: string }[]).map(({ name, state }) => [name, state]);
    };
    expect(agents()).toEqual(
      expect.arrayContaining([
        ['apt-daily.timer', 'on'],
        ['kernelcare', 'on'],
      ]),
    );
    pause();
    expect(agents()).toEqual(
      expect.arrayContaining([
        ['apt-daily.timer', 'held'],
        ['kernelcare', 'held'],
      ]),
    );
    root.write(CRON, '5 * * * * root /usr/bin/kcarectl --auto-update\n');
    root.write(CONF, 'AUTO_UPDATE=True\n');
    expect(agents()).toEqual(expect.arrayContaining([['kernelcare', 'on']]));
  });

  test('only the source asked is touched, and a host without it is left alone', () => {
    kernelcareHost();
    pause(['kernelcare']);
    for (const timer of TIMERS) expect(root.isActive(timer)).toBe(true);
    resume();
    root.sh(`rm -f ${CRON} ${CONF} /usr/bin/kcarectl /lib/systemd/system/kcare.service ${WANTS}`);
    expect(pause(['kernelcare'], 'H2-b')).toMatchObject({ whole: true, sources: [], record: [] });
    expect(root.sh('ls /var/lib/holdfast/held')).toBe('');
  });

  test('a kcarectl that runs is told, and nothing kills it', () => {
    kernelcareHost();
    pause(['kernelcare']);
    root.write('/proc/4242/comm', 'kcarectl\n');
    root.write('/proc/4242/cmdline', '/usr/bin/python3\0/usr/bin/kcarectl\0--auto-update\0');
    expect(look(['kernelcare']).running).toEqual(['kcarectl (pid 4242)']);
    // The helper that waits for a shutdown is no upgrade that runs.
    root.write('/proc/4243/comm', 'unattended-upgr\n');
    root.write('/proc/4243/cmdline', '/usr/bin/python3\0/usr/share/unattended-upgrades/unattended-upgrade-shutdown\0--wait-for-signal\0');
    expect(look(['apt']).running).toEqual([]);
    root.write('/proc/4243/cmdline', '/usr/bin/python3\0/usr/bin/unattended-upgrade\0');
    expect(look(['apt']).running).toEqual(['unattended-upgr (pid 4243)']);
  });

  test('settings that are links are put in a file’s place and are links again afterwards; what they point at is never written', () => {
    kernelcareHost();
    root.remove(CONF);
    root.write('/srv/config/kcare.conf', '# settings\nAUTO_UPDATE = True\n', { mode: 0o640, gid: 4, mtime: 1_429_318_402 });
    root.write('/srv/config/jobs', '5 * * * * root /usr/bin/backup\n20 4 * * * root /usr/bin/kcarectl --auto-update\n', { mtime: 1_429_318_404 });
    root.sh(`ln -s /srv/config/kcare.conf ${CONF}; ln -s /srv/config/jobs /etc/cron.d/jobs`);
    const linked = () => [CONF, '/etc/cron.d/jobs', '/srv/config/kcare.conf', '/srv/config/jobs'].map((path) => root.state(path));
    const before = linked();

    expect(pause()).toMatchObject({ whole: true, failed: [] });
    expect(look().drift).toEqual([]);
    expect(root.sh(`cat ${CONF} /etc/cron.d/jobs`)).toBe(
      '# settings\nAUTO_UPDATE=False\n5 * * * * root /usr/bin/backup\n#holdfast: 20 4 * * * root /usr/bin/kcarectl --auto-update\n',
    );
    expect(root.sh(`stat -c '%a %g' ${CONF}`)).toBe('640 4\n');
    expect(linked().slice(2)).toEqual(before.slice(2));

    expect(resume()).toMatchObject({ whole: true, failed: [], note: [] });
    expect(linked()).toEqual(before);
  });

  test('a lock that a dead script left is taken over, also when its number is another process by now', () => {
    kernelcareHost();
    root.write('/run/holdfast/updates.lock/pid', '77\n');
    expect(pause(['kernelcare'])).toMatchObject({ whole: true });
    root.write('/run/holdfast/updates.lock/pid', '77\n');
    root.write('/proc/77/comm', 'nginx\n');
    root.sh('touch -d "20 minutes ago" /run/holdfast/updates.lock');
    expect(resume()).toMatchObject({ whole: true, failed: [] });
  });
});
