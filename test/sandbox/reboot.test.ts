import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { quote } from '../../src/fleet/ssh/quote.ts';
import { type SettableClock, startClock } from '../../src/lib/clocks.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { login, look, portOf } from './client.ts';

/** Real ports and a real file; only time is moved by hand. */
const quiet = { info() {}, warn() {}, error() {} };
const MINUTE = 60_000;
let dataDir: string;
let clock: SettableClock;
let sandbox: Sandbox;

const start = async (anchor = Date.parse('2026-11-20T09:00:00Z')): Promise<void> => {
  // Speed 1e-6: stands still but for jumps.
  clock = startClock({ speed: 1e-6, anchor });
  sandbox = await startSandbox({ dataDir, clock, log: quiet });
};
const ask = async (host: string, script: string, ...args: string[]): Promise<Record<string, string>> => {
  const session = await login(sandbox, host);
  const { stdout } = await session.exec('sh -s', `# holdfast:${script} v1\nset -- ${args.map(quote).join(' ')}\n`);
  session.end();
  return Object.fromEntries(stdout.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
};
const boot = async (host: string): Promise<string> => (await ask(host, 'boot')).boot_id as string;
const reboot = async (host: string) => ask(host, 'reboot', 'begin', `R1-${host}-1`, await boot(host), '600', 'run R1 by ada');
const pass = (ms: number): void => clock.jumpTo(clock.now() + ms);
const shows = async (host: string, expected: 'SSH-2.0' | 'ECONNREFUSED'): Promise<void> => {
  const port = await portOf(sandbox, host);
  await vi.waitFor(async () => expect(await look(port, expected)).toBe(expected), { timeout: 5_000 });
};

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sandbox-'));
  await start();
});
afterEach(async () => {
  await sandbox.close();
  await rm(dataDir, { recursive: true });
});

test('a host that reboots refuses connections, and then answers with another boot id and the same host key', async () => {
  const before = await boot('web01');
  const held = await login(sandbox, 'web01');
  const cut = new Promise<void>((resolve) => held.client.once('close', () => resolve()));
  expect(await reboot('web01')).toMatchObject({ fence: 'taken' });
  pass(MINUTE);
  await cut;
  await shows('web01', 'ECONNREFUSED');
  pass(2 * MINUTE);
  await shows('web01', 'SSH-2.0');
  expect(await boot('web01')).not.toBe(before);
  expect((await login(sandbox, 'web01')).hostKey).toBe(held.hostKey);
});

test('a connection does not outlive a reboot that nobody saw, because time leapt over it', async () => {
  const held = await login(sandbox, 'web01');
  const cut = new Promise<void>((resolve) => held.client.once('close', () => resolve()));
  await reboot('web01');
  pass(10 * MINUTE);
  await cut;
  await shows('web01', 'SSH-2.0');
});

test('what was scheduled, taken and drained outlives the program, and goes on at its own time', async () => {
  const before = await boot('web01');
  await reboot('web01');
  await ask('kvm02', 'drain-guests', 'begin', 'kvm02', 'R2-kvm02-1');
  pass(30_000);
  await sandbox.close();
  await start(clock.now());
  expect(await ask('web01', 'reboot', 'begin', 'R1-web01-1', before, '600', 'run R1 by ada')).toMatchObject({ fence: 'already', why: 'intent' });
  pass(31_000);
  await shows('web01', 'ECONNREFUSED');
  await sandbox.close();
  // It was down while nobody ran, and is long back.
  await start(clock.now() + 10 * MINUTE);
  await shows('web01', 'SSH-2.0');
  expect(await boot('web01')).not.toBe(before);
  expect(await ask('kvm02', 'drain-guests', 'look', 'kvm02', 'R2-kvm02-1')).toMatchObject({ state: 'done' });
});

test('one that is not to return stays away through a restart, and comes back when it is mended', async () => {
  const before = await boot('kvm05');
  await sandbox.controls.fault('kvm05', 'no-return');
  await reboot('kvm05');
  pass(60 * MINUTE);
  await shows('kvm05', 'ECONNREFUSED');
  await sandbox.close();
  await start(clock.now());
  await shows('kvm05', 'ECONNREFUSED');
  await sandbox.controls.fault('kvm05', 'ok');
  await shows('kvm05', 'SSH-2.0');
  expect(await boot('kvm05')).not.toBe(before);
});

test('guests of a hypervisor that goes down undrained are gone with it and back after it', async () => {
  const before = await boot('web01');
  await reboot('kvm01');
  pass(MINUTE);
  await shows('web01', 'ECONNREFUSED');
  pass(5 * MINUTE);
  await shows('web01', 'SSH-2.0');
  expect(await boot('web01')).not.toBe(before);
});
