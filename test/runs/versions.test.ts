import { describe, expect, test } from 'vitest';
import type { Facts } from '../../src/fleet/host.ts';
import { auditVersions, type LastRun, type Surroundings } from '../../src/runs/versions.ts';
import { fleetOf, statesOf } from '../fleet/target/small-fleet.ts';

const OLD = '5.10.0-21-amd64';
const NEW = '5.10.0-22-amd64';
const debian = (kernel: string, newest = kernel): Facts => ({ os: 'debian', os_version: '11', arch: 'x86_64', kernel, kernel_newest: newest });

const last = (over: Partial<LastRun> = {}): LastRun => ({
  run: 'R3',
  job: 'patch',
  state: 'done',
  host: 'ended',
  outcome: 'ok',
  detail: null,
  withoutKernel: false,
  skip: null,
  ...over,
});

function audit(facts: Record<string, Facts>, over: Partial<Surroundings> = {}, names = Object.keys(facts)) {
  const fleet = fleetOf(names);
  const around = { states: statesOf(facts), rules: new Map(), holds: new Map(), runs: new Map(), ...over };
  return new Map(auditVersions([...fleet.hosts.values()], fleet.hosts.values(), around).map((row) => [row.host, row]));
}

describe('the final audit', () => {
  test('names every host that is not on target, each with its reason', () => {
    const rows = audit(
      {
        good: debian(NEW),
        staged: debian(OLD, NEW),
        xen: debian(OLD),
        held: debian(OLD),
        broken: debian(OLD),
        late: debian(OLD),
        waits: debian(OLD),
        kept: debian(OLD),
        skipped: debian(OLD),
        nobody: debian(OLD),
        old: debian(OLD),
      },
      {
        rules: new Map([['xen', ['excluded by E1: linux-image* stays off']]]),
        holds: new Map([['held', ['H1']]]),
        runs: new Map([
          ['staged', last()],
          ['broken', last({ outcome: 'failed', detail: 'disk full' })],
          ['late', last({ state: 'cancelled', host: 'waiting', outcome: null })],
          ['waits', last({ state: 'halted', host: 'waiting', outcome: null })],
          ['kept', last({ withoutKernel: true })],
          ['skipped', last({ skip: 'E2', outcome: 'skipped' })],
          ['old', last()],
        ]),
      },
      ['good', 'staged', 'xen', 'held', 'broken', 'late', 'waits', 'kept', 'skipped', 'nobody', 'old', 'never'],
    );
    expect([...rows].map(([host, { reasons }]) => [host, reasons])).toEqual([
      ['good', []],
      ['staged', [`reboot pending: ${NEW} is installed`]],
      ['xen', ['excluded by E1: linux-image* stays off']],
      ['held', ['held by H1']],
      ['broken', ['failed in R3 (patch): disk full']],
      ['late', ['not started in R3 (patch)']],
      ['waits', ['waits in R3 (patch, halted)']],
      ['kept', ['patched without the kernel in R3']],
      ['skipped', ['left out of R3 (patch) by E2']],
      ['nobody', ['never asked: no run was to patch it']],
      ['old', ['patch in R3 was ok, and did not bring it']],
      ['never', ['never asked: nothing is known of it']],
    ]);
    expect([...rows.values()].every(({ onTarget, reasons }) => onTarget === (reasons.length === 0))).toBe(true);
  });

  test('compares only what can be the same: system, major release, architecture; kernels as versions, flavours alike', () => {
    const rows = audit({
      a: debian('6.1.0-9-amd64'),
      b: debian('6.1.0-10-cloud-amd64'),
      arm: { ...debian('6.1.0-9-arm64'), arch: 'aarch64' },
      twelve: { ...debian('6.12.1-amd64'), os_version: '12' },
      el: { os: 'almalinux', os_version: '8.9', arch: 'x86_64', kernel: '4.18.0-513.el8.x86_64' },
      el10: { os: 'almalinux', os_version: '8.10', arch: 'x86_64', kernel: '4.18.0-513.el8.x86_64' },
    });
    expect([...rows].filter(([, { onTarget }]) => onTarget).map(([host]) => host)).toEqual(['b', 'arm', 'twelve', 'el10']);
    expect(rows.get('a')?.target?.kernel).toBe('6.1.0-10-cloud-amd64');
    expect(rows.get('el')?.target?.osVersion).toBe('8.10');
  });

  test('a host that does not answer is said to, with what was known of it', () => {
    const states = statesOf({ a: debian(NEW), b: debian(OLD) });
    states.set('b', { ...(states.get('b') as NonNullable<ReturnType<typeof states.get>>), reach: 'refused', detail: 'no sshd' });
    expect(audit({ a: {}, b: {} }, { states }).get('b')?.reasons).toEqual(['does not answer: refused (no sshd)'].slice(0, 1));
  });
});
