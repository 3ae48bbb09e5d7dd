import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseFacts } from '../../../src/fleet/facts/parse.ts';
import { readScript } from '../../../src/fleet/scripts/read.ts';

/**
 * Parts of the script against tools this machine does not have: programs in front of PATH that say what the real ones
 * say. Everything but the last line, which runs it all, is the script as it is shipped.
 */
function facts(tools: Record<string, string>, parts: string): Record<string, unknown> {
  const bin = mkdtempSync(join(tmpdir(), 'holdfast-tools-'));
  for (const [name, body] of Object.entries(tools)) writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  const library = readScript('check').text.replace(/^main "\$@".*$/m, '');
  const state = 'prepare; uid=0; container=; unclean=; tasks=$nl; installed=$nl; units=$nl; jobs=; virt=none; path=; schedule=';
  const program = `${library}\n${state}\n{ ${parts}; } </dev/null | contract; echo 'end=check v1'`;
  const { stdout, stderr } = spawnSync('sh', ['-s'], { input: program, encoding: 'utf8', env: { PATH: `${bin}:${process.env.PATH}` } });
  rmSync(bin, { recursive: true });
  expect(stderr).toBe('');
  return parseFacts(stdout).facts;
}

const says = (text: string, code = 0): string => `cat <<'END_OF_TOOL'\n${text}\nEND_OF_TOOL\nexit ${code}`;

describe('systemd', () => {
  test('failed units are named, and none is said as none', () => {
    const tools = {
      systemctl: `case "$*" in *list-units*) echo 'nginx.service loaded failed failed A web server'; echo 'backup.service loaded failed failed x' ;; *) printf 'SystemState=degraded\\nNFailedUnits=2\\nNJobs=1\\n' ;; esac`,
    };
    expect(facts(tools, 'systemd=yes; services')).toMatchObject({
      system_state: 'degraded',
      jobs_queued: 1,
      failed_units: ['nginx.service', 'backup.service'],
    });
    expect(facts({ systemctl: says('SystemState=running\nNFailedUnits=0\nNJobs=0') }, 'systemd=yes; services')).toMatchObject({ failed_units: [] });
  });

  test('a systemctl that fails is not taken for a host without trouble', () => {
    expect(facts({ systemctl: says('', 4) }, 'systemd=yes; services')).toMatchObject({ unseen: ['failed_units: failed 4'] });
  });

  test('a systemctl that hangs is a time-out', () => {
    expect(facts({ systemctl: says('', 124) }, 'systemd=yes; services')).toMatchObject({ unseen: ['failed_units: timeout'] });
  });
});

describe('packages', () => {
  test('Debian: held, half-way and the versions of what updates, from one call', () => {
    const dpkg = 'hi |linux-image-amd64|6.1.1\niF |postfix|3.7\niU |nginx|1.22\nii |unattended-upgrades|2.9.1+nmu3\nrc |old|1\nii |bash|5';
    expect(facts({ 'dpkg-query': says(dpkg) }, 'dpkg_packages')).toMatchObject({
      package_holds: ['linux-image-amd64'],
      package_broken: ['postfix', 'nginx'],
    });
  });

  test('RPM: a library installed after the boot wants a reboot, an agent alone does not', () => {
    const rpm = (installed: string): unknown => facts({ rpm: says(installed, 2) }, 'rpm_packages; reboot_required').reboot_required;
    expect(rpm('package kernel-rt is not installed\nglibc 2.28-251 4000000000\nkernel-core 4.18.0-553 1')).toBe(true);
    expect(rpm('kernel-core 4.18.0-553 1\nkernelcare 2.94-1.el8 4000000000')).toBe(false);
  });

  test('the apt timers and unattended-upgrades, with their next run', () => {
    const tools = {
      'dpkg-query': says('ii |apt|2.6.1\nii |unattended-upgrades|2.9.1+nmu3'),
      systemctl: says(
        'NextElapseUSecRealtime=Sat 2026-11-21 06:12:30 UTC\nId=apt-daily-upgrade.timer\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\n\nNextElapseUSecRealtime=\nId=apt-daily.timer\nLoadState=masked\nActiveState=inactive\nUnitFileState=masked\n\nId=snapd.service\nLoadState=not-found\nActiveState=inactive\nUnitFileState=',
      ),
      'apt-config': `case "$*" in *Automatic-Reboot*) echo 'Unattended-Upgrade::Automatic-Reboot "true";' ;; *) echo 'APT::Periodic::Unattended-Upgrade "1";' ;; esac`,
    };
    expect(facts(tools, 'systemd=yes; dpkg_packages; units; apt_agents').update_agents).toEqual([
      { name: 'apt-daily.timer', state: 'masked', version: '2.6.1' },
      { name: 'apt-daily-upgrade.timer', state: 'on', version: '2.6.1', next: '2026-11-21T06:12:30.000Z' },
      { name: 'unattended-upgrades', state: 'on', version: '2.9.1+nmu3', next: '2026-11-21T06:12:30.000Z', detail: 'reboots by itself' },
    ]);
  });

  test('APT::Periodic::Enable 0 turns the timers off though they run', () => {
    const tools = {
      systemctl: says('Id=apt-daily-upgrade.timer\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled'),
      'apt-config': says('APT::Periodic::Enable "0";\nAPT::Periodic::Unattended-Upgrade "1";'),
    };
    expect(facts(tools, `systemd=yes; installed="\${nl}unattended-upgrades 2.9\${nl}"; units; apt_agents`).update_agents).toMatchObject([
      { name: 'apt-daily-upgrade.timer', state: 'off', detail: 'APT::Periodic::Enable 0' },
      { name: 'unattended-upgrades', state: 'off' },
    ]);
  });

  test('KernelCare: its cron file and the minute it pulls at', () => {
    const job = '/etc/cron.d/kcare-cron:20 */4 * * * root /usr/bin/kcarectl --auto-update';
    expect(facts({}, `jobs='${job}'; livepatch_agents`).update_agents).toMatchObject([
      { name: 'kernelcare', state: 'on', schedule: '20 */4 * * *', path: '/etc/cron.d/kcare-cron' },
    ]);
  });

  test('dnf-automatic by each of its timers, and that one only downloads', () => {
    const units = ['dnf-automatic.timer', 'dnf-automatic-install.timer'].map(
      (id) => `Id=${id}\nLoadState=loaded\nActiveState=${id.includes('install') ? 'active' : 'inactive'}\nUnitFileState=enabled`,
    );
    expect(facts({ systemctl: says(units.join('\n\n')) }, 'systemd=yes; units; rpm_agents').update_agents).toEqual([
      { name: 'dnf-automatic.timer', state: 'off', detail: 'downloads only' },
      { name: 'dnf-automatic-install.timer', state: 'on' },
    ]);
  });
});

describe('livepatch, time and hardware', () => {
  test('KernelCare says its level and the kernel it comes to', () => {
    const tools = {
      kcarectl: `case $1 in --info) printf 'kpatch-state: patch is applied\\nkpatch-description: K20180618_01;4.15\\n' ;; --uname) echo 3.10.0-862.3.2.el7 ;; esac`,
    };
    expect(facts(tools, 'livepatch')).toMatchObject({ livepatch: 'kernelcare K20180618_01', livepatch_kernel: '3.10.0-862.3.2.el7' });
  });

  test('chrony that follows nobody is a clock that is not synchronised', () => {
    expect(facts({ chronyc: says('Leap status     : Not synchronised') }, 'time_sync')).toMatchObject({ time_synced: false });
    expect(facts({ chronyc: says('Leap status     : Normal') }, 'time_sync')).toMatchObject({ time_synced: true });
  });

  test('the kernel log is read by what weighs, floppies aside', () => {
    const log =
      '2018-06-18T20:02:01,1+00:00 Kernel panic - not syncing: Fatal exception\nhello\nblk: I/O error, dev fd0, sector 0\nEXT4-fs error (device sda1)';
    expect(facts({ dmesg: says(log) }, 'kernel_log').kernel_errors).toEqual([
      '2018-06-18T20:02:01,1+00:00 Kernel panic - not syncing: Fatal exception',
      'EXT4-fs error (device sda1)',
    ]);
  });

  test('a kernel log closed to us needs root, and is not taken for an empty one', () => {
    expect(facts({ dmesg: says('', 1) }, 'uid=1000; sudo=; journal_readable() { return 1; }; kernel_log').unseen).toEqual(['kernel_errors: root']);
  });

  test('the rule set is hashed without its counters', () => {
    const at = (packets: number): unknown =>
      facts({ nft: says(`table ip filter {\n  counter packets ${packets} bytes 9 accept\n}`) }, 'firewall').firewall_hash;
    expect(at(1)).toBe(at(2));
    expect(at(1)).not.toBe(facts({ nft: says('table ip filter {\n}') }, 'firewall').firewall_hash);
  });
});

describe('guests', () => {
  test('KVM: their names and the memory they were given, however it was written', () => {
    const bin = mkdtempSync(join(tmpdir(), 'holdfast-qemu-'));
    // A script's process is called by its name, and its command line is the one that is read.
    writeFileSync(join(bin, 'qemu-test'), '#!/bin/sh\nread -r line\n', { mode: 0o755 });
    const running = [
      ['-name', 'guest=web01,debug-threads=on', '-m', 'size=4194304k,slots=16'],
      ['-m', '2G', '-name', 'db01'],
      ['-name', 'lab01', '-m', '512'],
    ].map((words) => spawn(join(bin, 'qemu-test'), words, { stdio: ['pipe', 'ignore', 'ignore'] }));
    const found = facts({}, 'tasks="${nl}qemu-test${nl}"; guests');
    for (const child of running) child.kill();
    rmSync(bin, { recursive: true });
    expect(found).toEqual({ guests: ['db01', 'lab01', 'web01'], guests_mem_mb: 4096 + 2048 + 512 });
  });
});

describe('the last filter', () => {
  test('whatever a tool says, what leaves is one clean line for one key', () => {
    const evil = `printf 'os=a\\001b\\r\\nos=twice\\nnot a line\\nEvil=1\\nlisteners[]=1\\nlisteners?=root\\n__proto__=x\\n'; yes 'failed_units[]=x' | head -n 99; printf 'product=%0600d\\n' 0`;
    const found = facts({}, evil);
    expect(found.os).toBe('a b');
    expect(found.listeners).toEqual(['1']);
    expect(found.failed_units).toHaveLength(40);
    expect(found.product).toHaveLength(500);
    expect(found.unseen).toBeUndefined();
  });
});
