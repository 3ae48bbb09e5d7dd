import { describe, expect, test } from 'vitest';
import { judge, judgeChange, judgeReach, judgeUnseen } from '../../../src/fleet/hazards/judge.ts';
import { readKernelLine, weightiest } from '../../../src/fleet/hazards/kernel-lines.ts';
import { ownHazards } from '../../../src/fleet/hazards/own.ts';
import type { Facts, Host } from '../../../src/fleet/host.ts';

const DAY = 86_400;
const up = (days: number, kernel: string, more: Facts = {}): Facts => ({ uptime: days * DAY, kernel, ...more });
const names = (facts: Facts): string[] => judge(facts).map(({ severity, hazard }) => `${severity} ${hazard}`);

describe('the counter that runs over at 208.5 days', () => {
  test('max, 211 days up on 2.6.32-31-server, is critical', () => {
    expect(judge(up(211.2208, '2.6.32-31-server'))).toMatchObject([
      { hazard: 'uptime-208', severity: 'critical', text: expect.stringContaining('past 208.5 d on an affected kernel (up 211 d 5 h)') },
    ]);
  });

  test('from 205 days it is a warning with what is left, and when it comes about', () => {
    const [finding] = judge(up(206, '3.0.12', { booted: '2018-01-01T00:00:00.000Z' }));
    expect(finding).toMatchObject({ severity: 'warning', due: '2018-07-28T11:59:58.272Z' });
    expect(finding?.text).toMatch(/^2 d 11 h left to 208\.5 d/);
    expect(names(up(204.9, '3.0.12'))).toEqual([]);
  });

  test.each([
    ['3.2.0-4-amd64', 400],
    ['2.6.32.50', 300],
    ['2.6.27.8', 300],
    ['3.0.13', 300],
    ['3.1.5', 300],
    ['6.1.0-40-amd64', 900],
    ['4.18.0-553.80.1.el8_10.x86_64', 340],
    ['2.6.32-220.4.2.el6.x86_64', 300],
  ])('%s at %i days is fine', (kernel, days) => {
    expect(names(up(days, kernel))).toEqual([]);
  });

  test.each(['2.6.28', '2.6.32.49', '2.6.39.4', '3.0.12', '3.1', '3.1.4', '2.6.32-220.el6.x86_64', '2.6.32-131.0.15.el6'])('%s is affected', (kernel) => {
    expect(names(up(209, kernel))).toEqual(['critical uptime-208']);
  });

  test('other counts hold on their own kernels and processors', () => {
    expect(names(up(498, '2.4.37'))).toEqual(['critical uptime-248', 'critical uptime-497']);
    expect(names(up(1030, '5.10.0', { virt: 'none', cpu: 'AMD EPYC 7742 64-Core Processor' }))).toEqual(['warning uptime-1044']);
    expect(names(up(1030, '5.10.0', { virt: 'kvm', cpu: 'AMD EPYC 7742 64-Core Processor' }))).toEqual([]);
    expect(names(up(1050, '5.10.0', { virt: 'none', cpu: 'AMD EPYC 7763 64-Core Processor' }))).toEqual([]);
  });

  test('a container is not judged by the uptime of its kernel', () => {
    expect(names(up(300, '2.6.32', { container: 'lxc' }))).toEqual([]);
  });
});

describe('the kernel log', () => {
  test('stuck for 17163091968s is a clock that wrapped, not a lockup of 544 years', () => {
    const line = 'kernel: [18446743949.922712] BUG: soft lockup - CPU#20 stuck for 17163091968s! [kvm:10666]';
    const findings = judge({ kernel_errors: [line] });
    expect(findings).toMatchObject([{ hazard: 'clock-wrapped', severity: 'critical' }]);
    expect(findings[0]?.text).toMatch(/^clock wrapped: .*17163091968s/);
    expect(readKernelLine('BUG: soft lockup - CPU#3 stuck for 23s! [kvm:1]')?.name).toBe('soft-lockup');
  });

  test.each([
    ['Kernel panic - not syncing: Fatal exception in interrupt', 'panic'],
    ['general protection fault: 0000 [#1] SMP', 'oops'],
    ['Oops: 0002 [#1] SMP', 'oops'],
    ['INFO: rcu_sched self-detected stall on CPU', 'rcu-stall'],
    ['INFO: task kvm:1 blocked for more than 120 seconds.', 'hung-task'],
    ['Out of memory: Killed process 1 (java)', 'out-of-memory'],
    ['EXT4-fs error (device sda1): ext4_lookup', 'filesystem'],
    ['XFS (sda1): Metadata corruption detected', 'filesystem'],
    ['blk_update_request: I/O error, dev sda, sector 1', 'disk-io'],
    ['nvme nvme0: I/O 1 QID 1 timeout, aborting', 'disk-io'],
    ['mce: [Hardware Error]: Machine check events logged', 'machine-check'],
    ['EDAC MC0: 1 CE memory read error', 'memory-corrected'],
    ['EDAC MC0: 1 UE memory read error', 'machine-check'],
    ['md/raid1:md0: Disk failure on sda1, disabling device.', 'raid-disk'],
    ['NMI watchdog: Watchdog detected hard LOCKUP on cpu 3', 'hard-lockup'],
  ])('%s', (line, name) => {
    expect(readKernelLine(line)?.name).toBe(name);
  });

  test('of a dying kernel’s lines the panic is the one to show', () => {
    expect(weightiest(['a', 'BUG: unable to handle', 'Kernel panic - not syncing: x', 'Rebooting in 10 seconds..'])).toBe('Kernel panic - not syncing: x');
    expect(weightiest(['a', 'b'])).toBe('b');
    expect(weightiest([])).toBeUndefined();
  });

  test('many lines of one kind are one finding', () => {
    expect(judge({ kernel_errors: Array.from({ length: 9 }, (_, i) => `EXT4-fs error ${i}`) })).toMatchObject([
      { text: 'a file system is damaged (9 times, last: EXT4-fs error 8)' },
    ]);
  });
});

describe('a host by its facts', () => {
  test('one without facts has no finding: absent is never bad', () => {
    expect(judge({})).toEqual([]);
  });

  test.each<[string, Facts, string[]]>([
    ['a disk nearly full', { disk_used: [{ mount: '/', used_percent: 97, free_mb: 800 }] }, ['critical disk-full']],
    ['a large disk with room left', { disk_used: [{ mount: '/srv', used_percent: 97, free_mb: 300_000 }] }, []],
    ['inodes', { disk_used: [{ mount: '/', used_percent: 9, free_mb: 800, inodes_percent: 88 }] }, ['warning inodes-full']],
    ['memory', { mem_total_mb: 10_000, mem_available_mb: 100 }, ['critical memory-low']],
    ['a degraded array', { raid_degraded: ['md0 [U_]'] }, ['critical raid-degraded']],
    ['a disk that says so', { smart_failing: ['/dev/sda'] }, ['critical smart-failing']],
    ['failed units', { failed_units: ['nginx.service'] }, ['warning failed-units']],
    ['a reboot wanted', { reboot_required: true, reboot_packages: ['linux-image'] }, ['info reboot-required']],
    ['modules gone', { kernel_modules: false }, ['warning modules-missing']],
    ['an unsynced clock', { time_synced: false, clock_offset_ms: -90_000 }, ['critical clock-off', 'warning clock-unsynced']],
    ['dpkg left half-way', { package_broken: ['postfix'] }, ['warning packages-broken']],
    ['kdump not armed', { kdump_armed: false }, ['warning kdump-unarmed']],
    [
      'a probe',
      {
        probes: [
          { name: 'port 443', ok: false, detail: 'nothing listens on 443' },
          { name: 'x', ok: true },
        ],
      },
      ['critical probe-failed'],
    ],
    ['an unclean boot', { unclean_boot: true, uptime: 60, last_words: ['Kernel panic - not syncing: x'] }, ['warning unclean-boot']],
    ['an unclean boot of long ago', { unclean_boot: true, uptime: 60 * DAY }, []],
    ['a read-only root', { readonly_mounts: ['/'] }, ['critical read-only']],
    ['an agent that reboots', { update_agents: [{ name: 'unattended-upgrades', state: 'on', detail: 'reboots by itself' }] }, ['warning reboots-itself']],
    ['the same agent, masked', { update_agents: [{ name: 'unattended-upgrades', state: 'masked', detail: 'reboots by itself' }] }, []],
    ['a scheduled shutdown', { reboot_scheduled: '2018-06-18T10:00:00.000Z' }, ['warning reboot-scheduled']],
  ])('%s', (_, facts, expected) => {
    expect(names(facts)).toEqual(expected);
  });

  test('facts of the wrong shape are left alone', () => {
    for (const wrong of ['text', 7, true, [], {}, [[1]]] as const) {
      expect(() =>
        judge(
          Object.fromEntries(
            ['uptime', 'disk_used', 'probes', 'update_agents', 'kernel_errors', 'unclean_boot', 'reboot_scheduled', 'kernel', 'cpu'].map((name) => [
              name,
              wrong as Facts[string],
            ]),
          ),
        ),
      ).not.toThrow();
    }
  });

  test('5,000 hosts are judged well under a second', () => {
    const facts: Facts = {
      ...up(206, '3.0.12'),
      disk_used: Array.from({ length: 8 }, (_, i) => ({ mount: `/${i}`, used_percent: 96, free_mb: 1 })),
      kernel_errors: Array.from({ length: 20 }, () => 'EXT4-fs error x'),
    };
    const began = performance.now();
    for (let i = 0; i < 5_000; i++) judge(facts);
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});

describe('a host that does not answer', () => {
  test('each rung of the ladder is its own finding', () => {
    expect(judgeReach('half-dead', 'no banner within 5 s')).toEqual([
      { hazard: 'half-dead', severity: 'critical', text: 'TCP opens and SSH says nothing: half dead (no banner within 5 s)' },
    ]);
    expect(judgeReach('unroutable', undefined, ['Kernel panic - not syncing'])).toHaveLength(2);
    expect(judgeReach('ok', undefined)).toEqual([]);
  });

  test('another machine under the same name is told', () => {
    expect(judgeChange({ machine_id: 'a' }, { machine_id: 'b' })).toMatchObject([{ hazard: 'machine-changed' }]);
    expect(judgeChange({ machine_id: 'a' }, { machine_id: 'a' })).toEqual([]);
    expect(judgeChange(undefined, { machine_id: 'a' })).toEqual([]);
  });

  test('what needs root is counted, with what to do', () => {
    expect(judgeUnseen({ a: 'root', b: 'root', c: 'timeout' }).map(({ text }) => text)).toEqual([
      '2 facts need root; here is the sudoers line: npx holdfast sudoers',
      'not obtained: c (timeout)',
    ]);
  });
});

describe('hazards of the site', () => {
  const host = (vars: Facts): Host => ({
    name: 'web01',
    address: '',
    port: 22,
    groups: ['web'],
    redundancy: [],
    vars,
    ssh: { jump: [], identityFiles: [], knownHosts: [], transport: 'ssh2' },
  });
  const entry = (when: string) => ({ name: 'ours', severity: 'critical' as const, text: 'as we said', when });

  test('hold by facts, by what the inventory says, and by variables only others have', () => {
    const found = (when: string, facts: Facts, vars: Facts = {}): string[] => judge(facts, ownHazards([entry(when)], host(vars))).map(({ text }) => text);
    expect(found('uptime > 200d and xen < 4.6', { uptime: 201 * DAY, xen: '4.2' })).toEqual(['as we said']);
    expect(found('uptime > 200d and xen < 4.6', { uptime: 201 * DAY, xen: '4.11' })).toEqual([]);
    expect(found('uptime > 200d and xen < 4.6', { uptime: 201 * DAY })).toEqual([]);
    expect(found('groups = web and tier = gold', {}, { tier: 'gold' })).toEqual(['as we said']);
    expect(found('tier = gold', {})).toEqual([]);
  });
});
