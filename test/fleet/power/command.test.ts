import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { secret } from '../../../src/config/secret.ts';
import { askCommand, readPower } from '../../../src/fleet/power/command.ts';
import { lastLines } from '../../../src/fleet/power/lines.ts';
import type { PowerAction } from '../../../src/fleet/power/power.ts';
import { hostAt } from '../ssh/hosts.ts';

const dir = mkdtempSync(join(tmpdir(), 'holdfast-power-'));
afterAll(() => rmSync(dir, { recursive: true }));
let count = 0;
const script = (body: string): string => {
  const path = join(dir, `${count++}.sh`);
  writeFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return path;
};
const host = hostAt({ address: '10.0.0.9', port: 22 }, { name: 'vm01', site: 'bne', vars: { instance: 'i-0af3' } });
const ask = (action: PowerAction, command: Parameters<typeof askCommand>[1], patience?: number) =>
  askCommand({ host, action, ...(patience && { patience }) }, command, 'cloud');

/** Not one that has ended and that nobody has asked after. */
const runs = (pid: number): boolean => existsSync(`/proc/${pid}/stat`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

describe('power by a configured command', () => {
  test('gets the words of the host, each as one word, and says on or off in whatever words it has', async () => {
    const status = [script('printf "%s|" "$@" >&2; echo "state: RUNNING ($#)"'), '{host}', '--id={instance}', '{site}'];
    expect(await ask('status', { status })).toEqual({ ok: true, power: 'on', says: ['power on'] });
  });

  test('has its secrets in its environment, and nothing of ours', async () => {
    const seen = join(dir, 'env');
    const on = [script(`env >${seen}`)];
    expect(await ask('on', { status: ['true'], on, env: { TOKEN: secret('t0k3n') } })).toMatchObject({ ok: true });
    expect(
      readFileSync(seen, 'utf8')
        .split('\n')
        .map((line) => line.split('=')[0])
        .filter((name) => name && name !== '_' && name !== 'PWD')
        .sort(),
    ).toEqual(['HOME', 'LC_ALL', 'PATH', 'TOKEN']);
  });

  test('that hangs is ended with all it started, and whether it switched is not known', async () => {
    const began = performance.now();
    const cycle = [script(`sleep 60 & echo $! >${join(dir, 'child')}; wait`)];
    expect(await ask('cycle', { status: ['true'], cycle }, 500)).toEqual({ ok: false, says: expect.stringContaining('did not end within 0.5 s'), maybe: true });
    expect(performance.now() - began).toBeLessThan(2_500);
    expect(runs(Number(readFileSync(join(dir, 'child'), 'utf8')))).toBe(false);
  });

  test('that floods is bounded, and its last lines are kept', async () => {
    const shown = await ask('console', { status: ['true'], console: [script('yes flood | head -c 20000000; echo; echo "Kernel panic - not syncing"')] });
    expect(shown).toMatchObject({ ok: true, says: expect.arrayContaining(['Kernel panic - not syncing']) });
    expect(shown.says).toHaveLength(40);
  });

  test('that fails, is not there or is not configured says so', async () => {
    expect(await ask('status', { status: [script('echo quota exceeded >&2; exit 3')] })).toEqual({
      ok: false,
      says: expect.stringContaining('failed: quota exceeded'),
    });
    expect(await ask('status', { status: ['/no/such/program'] })).toMatchObject({
      ok: false,
      says: expect.stringContaining('cannot be run where Holdfast runs'),
    });
    expect(await ask('cycle', { status: ['true'] })).toEqual({ ok: false, says: '`power.cloud.command` has no `cycle`' });
    expect(await ask('status', { status: [script('echo maybe')] })).toMatchObject({ ok: false, says: expect.stringContaining('neither on nor off: maybe') });
  });
});

test('on and off are read in the words of hypervisors and clouds; what says both, or neither, is not guessed at', () => {
  for (const words of ['on', 'running', 'Chassis Power is on', 'State: ACTIVE', 'poweredOn']) expect(readPower(words)).toBe('on');
  for (const words of ['off', 'shut off', 'stopped', 'SHUTOFF', 'poweredOff', 'terminated']) expect(readPower(words)).toBe('off');
  for (const words of ['', 'pending', 'running (shutting down: stopped)', 'only']) expect(readPower(words)).toBeUndefined();
});

test('no console can write control characters to a person’s terminal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const line of lastLines(`${text}\u001b[2J\u001b]0;evil\u0007\r\nend`, 10)) expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
    }),
  );
});
