import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import type { PowerAction } from '../../../src/fleet/power/power.ts';
import { askVirsh, readVirsh } from '../../../src/fleet/power/virsh.ts';
import { stdinOf } from '../../../src/fleet/ssh/stdin.ts';
import { freshModel, type HostModel } from '../../../src/sandbox/model.ts';
import { HOSTS, type RosterHost } from '../../../src/sandbox/roster.ts';
import { virshAnswer } from '../../../src/sandbox/virsh-answer.ts';
import { hostAt } from '../ssh/hosts.ts';

const present = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const cannot = !present('virsh')
  ? 'virsh is not installed (apt install libvirt-clients)'
  : process.getuid?.() !== 0
    ? 'not root: no /run/holdfast can be made'
    : '';

/** The real script with the real virsh, over libvirt's own test driver: its one guest is called `test`, and every call finds it running. */
function ask(
  action: PowerAction,
  domain: string,
  { intent = '', uri = 'test:///default', path }: { intent?: string; uri?: string; path?: string } = {},
): string {
  const ran = spawnSync('/bin/sh', ['-s'], {
    input: stdinOf({ script: 'virsh', args: [action, domain, uri, intent] }),
    encoding: 'utf8',
    ...(path && { env: { PATH: path } }),
  });
  expect(ran.stderr).toBe('');
  return ran.stdout;
}
const keys = (stdout: string): string[] => [
  ...new Set(
    stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => line.slice(0, line.indexOf('='))),
  ),
];
const answered = (stdout: string) => ({ reach: 'ok', code: 0, stdout, stderr: '', cut: false, ms: 1 }) as const;
const intent = (): string => {
  const name = `test-${randomUUID()}`;
  made.push(name);
  return name;
};
const made: string[] = [];
afterAll(() => {
  for (const name of made) rmSync(`/run/holdfast/${name}`, { recursive: true, force: true });
});

describe.skipIf(cannot)(`a guest, asked of virsh${cannot && `: ${cannot}`}`, () => {
  test('is on, and is switched once for one intent', () => {
    expect(readVirsh(answered(ask('status', 'test')), 'kvm01', 'status')).toEqual({ ok: true, power: 'on', says: ['power on (running)'] });
    const once = intent();
    expect(readVirsh(answered(ask('off', 'test', { intent: once })), 'kvm01', 'off')).toEqual({ ok: true, says: [] });
    expect(readVirsh(answered(ask('off', 'test', { intent: once })), 'kvm01', 'off')).toEqual({
      ok: false,
      says: 'kvm01 did this once already for this run',
      maybe: true,
    });
  });

  test('that does not exist, or needs no switching, is refused before anything is begun', () => {
    expect(readVirsh(answered(ask('status', 'nosuch')), 'kvm01', 'status')).toEqual({ ok: false, says: "kvm01: error: failed to get domain 'nosuch'" });
    expect(readVirsh(answered(ask('on', 'test', { intent: intent() })), 'kvm01', 'on')).toEqual({ ok: false, says: 'kvm01: it is on already (running)' });
    expect(ask('off', 'test')).toContain('failed=an intent is needed to switch\n');
    for (const name of ['', '-c', 'a;reboot', '$(reboot)']) expect(ask('status', name)).toContain('failed=that is no name of a domain\n');
  });

  test('whose console is not kept says so', () => {
    expect(readVirsh(answered(ask('console', 'test')), 'kvm01', 'console')).toMatchObject({
      ok: true,
      says: [expect.stringContaining('give its serial device a log file')],
    });
  });

  test('the sandbox answers in the same words', () => {
    const kvm01 = HOSTS.find(({ name }) => name === 'kvm01') as RosterHost;
    const web01 = HOSTS.find(({ parent }) => parent === 'kvm01') as RosterHost;
    const fleet = new Map<string, HostModel>(HOSTS.map((host) => [host.name, freshModel(host, 0)]));
    const simulated = (action: PowerAction, name: string, taken: string[] = []) =>
      virshAnswer({
        args: [action, name, 'qemu:///system', 'R1-x-1'],
        host: kvm01,
        model: { ...(fleet.get('kvm01') as HostModel), intents: taken },
        now: 0,
        fleet,
      }).stdout;
    const once = intent();
    expect(keys(simulated('status', web01.name))).toEqual(keys(ask('status', 'test')));
    expect(keys(simulated('off', web01.name))).toEqual(keys(ask('off', 'test', { intent: once })));
    expect(keys(simulated('off', web01.name, ['R1-x-1']))).toEqual(keys(ask('off', 'test', { intent: once })));
    expect(keys(simulated('on', web01.name))).toEqual(keys(ask('on', 'test', { intent: intent() })));
    expect(keys(simulated('status', 'web99'))).toEqual(keys(ask('status', 'nosuch')));
  });
});

test('where there is no virsh, that is said', () => {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-path-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  for (const tool of ['tr', 'cut']) symlinkSync(spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim(), join(path, tool));
  expect(readVirsh(answered(ask('status', 'test', { path })), 'kvm01', 'status')).toEqual({ ok: false, says: 'kvm01: there is no virsh here' });
});

test('a parent that was cut off while it switched leaves it open whether it did', () => {
  const gone = { reach: 'exec-timeout', detail: 'the script did not end within 14 s', ms: 14_000 } as const;
  expect(readVirsh(gone, 'kvm01', 'cycle')).toMatchObject({ ok: false, maybe: true });
  expect(readVirsh(gone, 'kvm01', 'status')).not.toHaveProperty('maybe');
  expect(readVirsh({ reach: 'refused', detail: 'refused', ms: 1 }, 'kvm01', 'cycle')).not.toHaveProperty('maybe');
  expect(readVirsh(answered('fence=new\nbegun=yes\nfailed=timeout\nend=virsh v1\n'), 'kvm01', 'cycle')).toMatchObject({ ok: false, maybe: true });
  expect(readVirsh(answered('fence=new\nbeg'), 'kvm01', 'cycle')).toMatchObject({ ok: false, maybe: true });
});

test('the parent of the host is asked, by the name the guest has there', async () => {
  const asked: unknown[] = [];
  const scriptOn = async (...call: unknown[]) => {
    asked.push(call);
    return answered('power=off\nstate=shut off\nend=virsh v1\n');
  };
  const world = { config: { power: {} }, fleet: { hosts: new Map(), groups: new Map() }, scriptOn };
  const host = hostAt({ address: '::1', port: 22 }, { name: 'web01', parent: 'kvm01' });
  expect(await askVirsh({ host, action: 'status' }, { on: '{parent}', domain: 'vm-{host}', uri: 'qemu:///system' }, world)).toMatchObject({ power: 'off' });
  expect(asked).toEqual([['kvm01', 'virsh', ['status', 'vm-web01', 'qemu:///system', ''], 14_000]]);
});
