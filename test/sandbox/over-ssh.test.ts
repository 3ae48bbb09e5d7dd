import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import type { Host } from '../../src/fleet/host.ts';
import { checkContract } from '../../src/fleet/scripts/contract.ts';
import { openSsh } from '../../src/fleet/ssh/open.ts';
import type { Ssh } from '../../src/fleet/ssh/transport.ts';
import { startClock } from '../../src/lib/clocks.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';

/** The way Holdfast itself goes: configuration, inventory, SSH with the host key checked, the real script on stdin. */
let dataDir: string;
let sandbox: Sandbox;
let hosts: Host[];
let ssh: Ssh;

const host = (name: string): Host => hosts.find((one) => one.name === name) as Host;
const check = (one: Host) => ssh.exec(one, { script: 'check', args: [], timeout: 2_000 });
const reach = async (name: string): Promise<string> => (await check(host(name))).reach;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sandbox-'));
  sandbox = await startSandbox({ dataDir, clock: startClock({ speed: 60 }), log: { info() {}, warn() {}, error() {} } });
  const { config, fleet } = await loadConfig(sandbox.configFile, { env: {}, home: dataDir });
  hosts = [...fleet.hosts.values()];
  ssh = openSsh({ user: config.ssh.user ?? '', connect: 1_000, banner: 1_000, auth: 4_000 });
});
afterAll(async () => {
  await ssh.close();
  await sandbox.close();
  await rm(dataDir, { recursive: true });
});

describe('Holdfast over the sandbox', () => {
  test('knows the fleet with its sites, rings, parents, pairs and alert path', () => {
    expect(hosts).toHaveLength(29);
    expect(host('web02')).toMatchObject({ site: 'mel', ring: 'prod', parent: 'kvm08', redundancy: ['web-pair1'] });
    expect(host('web02').groups).toEqual(expect.arrayContaining(['web', 'mel', 'prod', 'web-pair1']));
    expect(host('mon01')).toMatchObject({ alertPath: true, redundancy: [] });
    expect(host('mon01').parent).toBeUndefined();
  });

  test('gets an answer by the contract from all, and again over the same connections', async () => {
    for (let round = 0; round < 2; round++) {
      for (const answer of await Promise.all(hosts.map(check))) {
        expect(answer).toMatchObject({ reach: 'ok', code: 0, stderr: '', cut: false });
        expect(answer.reach === 'ok' && checkContract(answer.stdout)).toEqual([]);
      }
      expect(ssh.load().open).toBe(29);
    }
  });

  test.each([
    ['kvm01', 'dead', 'refused'],
    ['kvm02', 'mute', 'unroutable'],
    ['kvm03', 'half-dead', 'half-dead'],
  ])('finds %s that is %s to be %s, though it was connected before, and ok once it is mended', async (name, fault, found) => {
    expect(await reach(name)).toBe('ok');
    await sandbox.controls.fault(name, fault);
    // The connection of before may still be tried; the one after it sees what there is.
    expect(await reach(name)).not.toBe('ok');
    expect(await reach(name)).toBe(found);
    await sandbox.controls.fault(name, 'ok');
    expect(await reach(name)).toBe('ok');
  });

  test('waits for a slow host only as long as it was told to', async () => {
    await sandbox.controls.fault('kvm04', 'slow');
    expect(await reach('kvm04')).toBe('exec-timeout');
  });

  test('takes nobody for a host who shows another key', async () => {
    const known = join(dataDir, 'swapped');
    const lines = (await readFile(join(dataDir, 'sandbox/known_hosts'), 'utf8')).trim().split('\n');
    const at = (name: string): string => `[127.0.0.1]:${host(name).port}`;
    const other = lines.find((line) => line.startsWith(`${at('lb01')} `))?.slice(at('lb01').length);
    await writeFile(known, `${at('mon01')}${other}\n`);
    const mon01 = { ...host('mon01'), name: 'mon01-again', ssh: { ...host('mon01').ssh, knownHosts: [known] } };
    expect((await check(mon01)).reach).toBe('key-mismatch');
  });
});
