import { describe, expect, test } from 'vitest';
import { foldNames } from '../../../src/fleet/target/fold.ts';
import { resolveTarget } from '../../../src/fleet/target/resolve.ts';
import { fleetOf, worldOf } from './small-fleet.ts';

const DAY = 86_400;
const fleet = fleetOf(
  ['kvm01', 'kvm02', 'kvm03', 'web01', 'web02', 'new01'],
  { kvm: ['kvm01', 'kvm02', 'kvm03'] },
  {
    kvm01: { rack: 'a1', role: 'primary', serial: 7, os: 'inventory-says', tags: ['ssd', 'gpu'] },
    kvm02: { rack: 'a2', firmware: '4.10' },
    kvm03: { rack: 'b1', firmware: '4.9', retired: true },
  },
);
const facts = {
  kvm01: {
    uptime: 201 * DAY,
    xen: '4.6.1',
    kernel: '5.10.0-21-amd64',
    os: 'debian',
    reboot_required: true,
    failed_units: ['nginx.service', 'cron.service'],
    load1: 0.5,
  },
  kvm02: { uptime: 10 * DAY, xen: '4.11', kernel: '4.2', os: 'debian', reboot_required: false, failed_units: [], booted: '2026-11-10T08:00:00Z' },
  kvm03: { uptime: 0, kernel: '4.11', os: 'ubuntu', clock_offset_ms: -1500 },
  web01: { uptime: 300 * DAY, probes: [{ name: 'http', ok: false, ms: 12 }], listeners: [22, 443], disk_worst: 91 },
  web02: {},
};
const world = worldOf(fleet, { facts });
const where = async (condition: string): Promise<string> =>
  resolveTarget(`@all where ${condition}`, world).then(
    ({ hosts }) => foldNames(hosts.map(({ name }) => name)),
    (error) => `! ${error.message}`,
  );

describe('where asks the facts', () => {
  test.each([
    ['uptime > 200d', 'kvm01,web01'],
    ['uptime > 200 days', 'kvm01,web01'],
    ['uptime <= 864000', 'kvm[02-03]'],
    ['uptime = 0', 'kvm03'],
    ['disk_worst >= 90%', 'web01'],
    ['clock_offset_ms < -1000', 'kvm03'],
    ['load1 < 1', 'kvm01'],
    // versions are integer tuples
    ['kernel > 4.2', 'kvm[01,03]'],
    ['kernel >= 5.10.0-21', 'kvm01'],
    ['kernel < 5.10.0-22', 'kvm[01-03]'],
    ['kernel in (4.2, 4.11.0)', 'kvm[02-03]'],
    ['kernel ~ amd64', 'kvm01'],
    ['xen < 4.6.2', 'kvm01'],
    // texts, lists, tables, yes and no, times
    ['os = Debian', 'kvm[01-02]'],
    ['os != debian', 'kvm03'],
    ['os in (debian, ubuntu)', 'kvm[01-03]'],
    ['os not in (debian)', 'kvm03'],
    ['reboot_required', 'kvm01'],
    ['reboot_required = no', 'kvm02'],
    ['not reboot_required', 'kvm02'],
    ['failed_units ~ nginx', 'kvm01'],
    ['failed_units contains cron', 'kvm01'],
    ['failed_units = nginx.service', 'kvm01'],
    ['failed_units != nginx.service', 'kvm02'],
    ['listeners = 443', 'web01'],
    ['probes ~ http', 'web01'],
    ['booted > 2026-11-01', 'kvm02'],
    // what the inventory says; an observed fact goes before it
    ['rack = a1', 'kvm01'],
    ['rack ~ a', 'kvm[01-02]'],
    [
      'os = inventory-says',
      '! "@all where os = inventory-says" matches none of 6 hosts. For 3 of them the facts are not known: check them first, or ask "is absent".',
    ],
    ['firmware > 4.9', 'kvm02'],
    ['serial > 6.5', 'kvm01'],
    ['tags = gpu', 'kvm01'],
    ['retired', 'kvm03'],
    ['role = "primary"', 'kvm01'],
    ['name ~ 01', 'kvm01,new01,web01'],
    ['groups = kvm', 'kvm[01-03]'],
    ['reach = ok', 'kvm[01-03],web[01-02]'],
    // and, or, not
    ['uptime > 200d and xen < 4.7', 'kvm01'],
    ['xen = 4.11 or uptime > 250d and os is absent', 'kvm02,web01'],
    ['(xen = 4.11 or uptime > 250d) and os is absent', 'web01'],
    [
      'not (xen = 4.11 or uptime > 200d)',
      '! "@all where not (xen = 4.11 or uptime > 200d)" matches none of 6 hosts. For 3 of them the facts are not known: check them first, or ask "is absent".',
    ],
    ['not os = debian', 'kvm03'],
    ['UPTIME > 200d AND OS = debian', 'kvm01'],
  ])('%s', async (condition, hosts) => {
    expect(await where(condition)).toBe(hosts);
  });

  test('an absent fact is absent, never zero: no comparison holds, not even turned round', async () => {
    expect(await where('xen < 99')).toBe('kvm[01-02]');
    expect(await where('xen >= 0')).toBe('kvm[01-02]');
    expect(await where('xen != 1')).toBe('kvm[01-02]');
    expect(await where('not xen < 0')).toBe('kvm[01-02]');
    expect(await where('xen is absent')).toBe('kvm03,new01,web[01-02]');
    expect(await where('xen is known')).toBe('kvm[01-02]');
    expect(await where('xen is not absent')).toBe('kvm[01-02]');
  });

  test('facts are looked up only when a condition asks for them, and for the hosts in question only', async () => {
    const asked: string[][] = [];
    const counting = {
      ...world,
      known: async (hosts: readonly string[]) => {
        asked.push([...hosts]);
        return world.known(hosts);
      },
    };
    await resolveTarget('@kvm', counting);
    expect(asked).toEqual([]);
    await resolveTarget('@kvm!kvm03 where uptime > 1d', counting);
    expect(asked).toEqual([['kvm01', 'kvm02']]);
  });

  test.each([
    ['uptimee > 2d', 'No fact is called "uptimee" (column 12). Did you mean uptime?'],
    ['uptime > banana', 'uptime at column 12 needs a duration (200d) or a number, and "banana" is none.'],
    ['load1 > 3d', 'load1 at column 12 needs a number, and "3d" is none.'],
    ['os > debian', 'os at column 12 is text, which has no order: compare it with = != ~ or in (…).'],
    ['failed_units > 3', 'failed_units at column 12 is a list, which has no order: ask what it contains with ~ or =.'],
    ['reboot_required = perhaps', 'reboot_required at column 12 is yes or no, and "perhaps" is neither.'],
    ['uptime', 'uptime at column 12 is no yes-or-no fact: write uptime > 200d or uptime is known.'],
    ['uptime >', 'The condition ends at column 20 where a value should stand, as in uptime > 200d and xen < 4.6.'],
    ['os = "debian', 'The quote at column 17 is not closed.'],
    ['os = debian && uptime > 3d', 'In a condition write and instead of "&&" (column 24).'],
    ['os = debian uptime', 'Cannot read "uptime" at column 24 where and, or, or the end should stand, as in uptime > 200d and xen < 4.6.'],
  ])('%s is refused', async (condition, says) => {
    expect(await where(condition)).toBe(`! ${says}`);
  });

  test('names every object of JavaScript has are no facts', async () => {
    expect(await where('__proto__ = 1')).toMatch(/^! No fact is called "__proto__"/);
    expect(await where('constructor is known')).toMatch(/^! No fact is called "constructor"/);
  });

  test('a result with nobody in it is refused with how many were looked at', async () => {
    await expect(resolveTarget('@kvm where uptime > 900d', world)).rejects.toThrow('"@kvm where uptime > 900d" matches none of 3 hosts.');
  });
});
