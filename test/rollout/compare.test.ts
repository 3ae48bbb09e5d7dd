import { describe, expect, test } from 'vitest';
import type { Facts } from '../../src/fleet/host.ts';
import { COMPARISONS, compareWithBaseline } from '../../src/rollout/compare.ts';

const BEFORE: Facts = {
  kernel: '6.1.0-40-amd64',
  failed_units: ['cron.service'],
  kernel_errors: ['[ 12.000000] EDAC MC0: 1 CE memory read error'],
  firewall_hash: 'a',
  routes_hash: 'b',
  mounts_hash: 'c',
  mounts: ['/', '/srv', '/var/lib/mysql'],
  listeners_hash: 'd',
  listeners: ['22', '443', '5432', '40001'],
  probes: [
    { name: 'shop', ok: true },
    { name: 'old', ok: false },
  ],
  guests: Array.from({ length: 34 }, (_, n) => `vm${n + 1}`),
  readonly_mounts: [],
  crash_files: ['/var/crash/202001010000'],
  raid_degraded: [],
  mem_total_mb: 128_000,
  cpus: 64,
  time_synced: true,
};

const after = (facts: Facts, hints = {}) => compareWithBaseline(BEFORE, { ...BEFORE, ...facts }, hints);
const grave = (facts: Facts, hints = {}) => after(facts, hints).flatMap((one) => (one.grave ? [one.what] : []));
const told = (facts: Facts, hints = {}) => after(facts, hints).flatMap((one) => (one.grave ? [] : [one.what]));

describe('a host that came back', () => {
  test('as it was before has no difference', () => {
    expect(after({})).toEqual([]);
  });

  test('without its rules and mounts has failed, in these words', () => {
    const differences = after({ firewall_hash: 'x', mounts_hash: 'y', mounts: ['/'] });
    expect(`back, but ${differences.map(({ what }) => what).join(' and ')}`).toBe('back, but nft rules differ and 2 mounts are missing (/srv, /var/lib/mysql)');
    expect(differences.every((one) => one.grave)).toBe(true);
  });

  test.each<[Facts, string]>([
    [{ failed_units: ['cron.service', 'nginx.service'] }, '1 unit has newly failed (nginx.service)'],
    [{ routes_hash: 'x' }, 'routes differ'],
    [{ mounts_hash: 'x', mounts: Array.from({ length: 40 }, (_, n) => `/srv/${n}`) }, 'mounts differ'],
    [{ listeners: ['22', '443'], listeners_hash: 'x' }, 'nothing listens on 5432'],
    [{ probes: [{ name: 'shop', ok: false, detail: 'status 502' }] }, 'shop fails (status 502)'],
    [{ readonly_mounts: ['/srv'] }, '/srv is mounted read-only'],
    [{ crash_files: ['/var/crash/202001010000', '/var/crash/202611201200'] }, 'it left /var/crash/202611201200 of a crash'],
    [{ raid_degraded: ['md0'] }, 'md0 lost a disk'],
    [{ kernel_errors: ['[  3.1] Oops: 0002 [#1] SMP'] }, 'its kernel says "[  3.1] Oops: 0002 [#1] SMP"'],
    [{ guests: Array.from({ length: 31 }, (_, n) => `vm${n + 1}`) }, '31 of 34 guests up (vm32, vm33, vm34 are not)'],
  ])('has failed with %j: %s', (facts, says) => {
    expect(grave(facts)).toEqual([says]);
  });

  test.each<[Facts, string]>([
    [{ mounts: ['/', '/srv', '/var/lib/mysql', '/mnt'], mounts_hash: 'x' }, '1 mount is new (/mnt)'],
    [{ mounts_hash: 'x' }, 'mounts have other options or sources'],
    [{ listeners: ['22', '80', '443', '5432', '51234'], listeners_hash: 'x' }, 'something new listens on 80'],
    [{ listeners_hash: 'x' }, 'what listens on which address differs'],
    [{ mem_total_mb: 96_000 }, '96000 of 128000 MB of memory are there'],
    [{ cpus: 32 }, '32 of 64 processors are there'],
    [{ time_synced: false }, 'its clock is not synchronised yet'],
    [{ kernel_errors: ['[ 99.5] something odd'] }, '1 kernel message is new: "[ 99.5] something odd"'],
  ])('is well with %j, and it is told: %s', (facts, says) => {
    expect(after(facts)).toEqual([{ what: says, grave: false }]);
  });

  test('is not blamed for what was there before, whatever its numbers', () => {
    expect(after({ kernel_errors: ['[  8.000000] EDAC MC1: 7 CE memory read error'], probes: [{ name: 'old', ok: false }] })).toEqual([]);
  });

  test('with other ports that the kernel gives out is as it was', () => {
    expect(after({ listeners: ['22', '443', '5432', '51234'] })).toEqual([]);
  });

  test('is held to the kernel it was to boot, not to its flavour', () => {
    expect(grave({}, { expectedKernel: '6.1.0-41' })).toEqual(['it runs kernel 6.1.0-40-amd64, not 6.1.0-41']);
    expect(grave({}, { expectedKernel: '6.1.0-40' })).toEqual([]);
    expect(grave({ kernel: '6.1.0-41-cloud-amd64' }, { expectedKernel: '6.1.0-41-amd64' })).toHaveLength(1);
  });

  test('need not have the guests the job moved elsewhere', () => {
    const guests = Array.from({ length: 30 }, (_, n) => `vm${n + 1}`);
    expect(grave({ guests }, { guestsAway: ['vm31', 'vm32', 'vm33'] })).toEqual(['30 of 31 guests up (vm34 is not)']);
  });

  test('may still be starting its services; what a kernel said stays said', () => {
    expect(after({ listeners: [] }).every((one) => one.mayPass)).toBe(true);
    expect(after({ crash_files: ['/var/crash/new'] }).some((one) => one.mayPass)).toBe(false);
  });
});

describe('what was not seen', () => {
  test('before is not compared', () => {
    expect(compareWithBaseline({}, BEFORE)).toEqual([]);
  });

  test('after is told, not held against the host', () => {
    const { firewall_hash: _, guests: __, ...rest } = BEFORE;
    expect(compareWithBaseline(BEFORE, rest)).toEqual([{ what: 'firewall_hash, guests could not be compared', grave: false }]);
  });

  test('for the list being cut off at 40 is not missed', () => {
    const many = Array.from({ length: 40 }, (_, n) => `vm${n + 100}`);
    expect(compareWithBaseline({ guests: many }, { guests: [...many.slice(1), 'zz'] })).toEqual([]);
  });
});

test('the grave are said first', () => {
  expect(after({ time_synced: false, firewall_hash: 'x' }).map(({ what }) => what)).toEqual(['nft rules differ', 'its clock is not synchronised yet']);
  expect(told({ time_synced: false, firewall_hash: 'x' })).toEqual(['its clock is not synchronised yet']);
});

test('each comparison says what it is about', () => {
  expect(new Set(COMPARISONS.map(({ about }) => about)).size).toBe(COMPARISONS.length);
});
