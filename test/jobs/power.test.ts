import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { power } from '../../jobs/power.ts';
import { ConfigSchema } from '../../src/config/schema.ts';
import type { Fleet } from '../../src/fleet/fleet.ts';
import { powerOffer } from '../../src/fleet/power/offer.ts';
import type { ExecResult } from '../../src/fleet/ssh/transport.ts';
import { isSafe } from '../../src/jobs.ts';
import { hostAt } from '../fleet/ssh/hosts.ts';
import { carry, type Doing } from './at-work.ts';

const dir = mkdtempSync(join(tmpdir(), 'holdfast-power-'));
afterAll(() => rmSync(dir, { recursive: true }));
const at = (name: string): string => join(dir, name);

// A power strip of one socket: keeps its state in a file, writes down what it was told, fails where it is told to.
writeFileSync(
  at('strip'),
  `#!/bin/sh
cd ${dir}
echo "$1" >>told
[ -e fails ] && [ "$1" != status ] && { cat fails >&2; exit 1; }
case $1 in
  status) cat socket ;;
  on | off) echo "$1" >socket ;;
  console) echo 'Kernel panic - not syncing: Fatal exception' ;;
esac
`,
  { mode: 0o755 },
);
const actions = ['status', 'on', 'off', 'cycle', 'console'];
const config = ConfigSchema.parse({
  power: { strip: { hosts: 'kvm05', command: Object.fromEntries(actions.map((action) => [action, [at('strip'), action]])) } },
});
const kvm05 = hostAt({ address: '::1', port: 22 }, { name: 'kvm05' });
const kvm06 = hostAt({ address: '::1', port: 22 }, { name: 'kvm06' });
const fleet: Fleet = { hosts: new Map([kvm05, kvm06].map((host) => [host.name, host])), groups: new Map() };

const BEFORE = '11111111-1111-4111-8111-111111111111';
const AFTER = '22222222-2222-4222-8222-222222222222';
const told = (): string[] => (existsSync(at('told')) ? readFileSync(at('told'), 'utf8').split('\n').filter(Boolean) : []);

let now: number;
beforeEach(() => {
  now = Date.parse('2018-06-18T20:10:00Z');
  for (const name of ['told', 'fails']) rmSync(at(name), { force: true });
  writeFileSync(at('socket'), 'on\n');
});

const refused = { reach: 'refused', detail: 'refused', ms: 1 } as const;
const boot = (id: string, uptime: number): ExecResult => ({
  reach: 'ok',
  code: 0,
  stdout: `boot_id=${id}\nuptime=${uptime}\nend=boot v1\n`,
  stderr: '',
  cut: false,
  ms: 1,
});
/** The host answers like this; time passes only while it is waited for. */
const doing = (params: Doing['params'], answers: (script: string) => ExecResult, more: Partial<Doing> = {}): Doing => ({
  params,
  host: kvm05,
  fleet,
  config,
  clock: {
    now: () => now,
    wallUntil: (then) => {
      now = then;
      return 0;
    },
    speed: 1,
    onJump: () => () => undefined,
  },
  known: { host: 'kvm05', reach: 'refused', askedAt: 0, facts: { boot_id: BEFORE }, findings: [] },
  once: async (_, effect) => ({ answer: await effect() }),
  script: async (_, script) => answers(script),
  ...more,
});
const cycle = { action: 'cycle', onlyDown: true } as const;

describe('power, step by step', () => {
  test('a dead host is looked at before it is cycled, and waited for', async () => {
    const done = await carry(doing(cycle, () => (told().includes('cycle') && now > Date.parse('2018-06-18T20:12:00Z') ? boot(AFTER, 20) : refused)));
    expect(done).toMatchObject({ outcome: 'ok', memory: { boot_before: BEFORE, boot_after: AFTER }, detail: expect.stringContaining('console: Kernel panic') });
    expect(told()).toEqual(['status', 'console', 'cycle']);
    expect(done.steps).toEqual(['prepare', 'act', 'verify waits for it to be back (refused: refused)', 'verify']);
  });

  test('one whose power is off is switched on: a BMC refuses to cycle what is off', async () => {
    writeFileSync(at('socket'), 'off\n');
    const done = await carry(doing(cycle, () => (told().includes('on') ? boot(AFTER, 20) : refused)));
    expect(done.outcome).toBe('ok');
    expect(told()).toEqual(['status', 'on']);
  });

  test('one that comes back while its last words are taken is left alone', async () => {
    const done = await carry(doing(cycle, (script) => (script === 'reach' ? boot(AFTER, 20) : refused)));
    expect(done).toMatchObject({ outcome: 'held', detail: 'it answers again, so nothing was done' });
    expect(told()).not.toContain('cycle');
  });

  test('one that does not come back is lost, with what was seen of it before', async () => {
    const done = await carry(doing(cycle, () => refused));
    expect(done).toMatchObject({
      outcome: 'lost',
      detail: expect.stringMatching(/^no answer since power cycle \(power on; before: power on; console: Kernel panic/),
    });
    expect(now - Date.parse('2018-06-18T20:10:00Z')).toBe(20 * 60_000);
    expect(told().filter((word) => word === 'cycle')).toHaveLength(1);
  });

  test('one that answers with the boot of before was not reached by it', async () => {
    let reachable = false;
    const answers = (script: string): ExecResult => {
      if (told().includes('cycle')) reachable = true;
      return reachable && script === 'boot' ? boot(BEFORE, 99_999) : refused;
    };
    expect(await carry(doing(cycle, answers))).toMatchObject({ outcome: 'failed', detail: 'it answers with the boot of before: power cycle did not reach it' });
  });

  test('a command that fails after it began leaves it open: looked at, and never told twice', async () => {
    writeFileSync(at('fails'), 'the API went away\n');
    const done = await carry(doing(cycle, () => refused));
    expect(done).toMatchObject({ outcome: 'unverified', detail: expect.stringContaining('Look, or ask') });
    expect(told().filter((word) => word === 'cycle')).toHaveLength(1);
  });

  test('where the power cannot be seen, nothing is switched', async () => {
    writeFileSync(at('socket'), 'pending\n');
    expect(await carry(doing(cycle, () => refused))).toMatchObject({
      outcome: 'failed',
      detail: expect.stringMatching(/^nothing was done: .*neither on nor off/),
    });
    expect(told()).toEqual(['status']);
  });

  test('a worker that was frozen between its look and its act does not act any more', async () => {
    const clock = vi.spyOn(performance, 'now');
    const thawed = doing(cycle, (script) => {
      if (script === 'reach') clock.mockReturnValue(performance.timeOrigin + 3_600_000);
      return refused;
    });
    const done = await carry(thawed).finally(() => clock.mockRestore());
    expect(done).toMatchObject({ outcome: 'failed', detail: expect.stringContaining('away too long') });
    expect(told()).not.toContain('cycle');
  });
});

describe('who is asked', () => {
  test('nobody for power on, and for a power cycle that touches only what does not answer; somebody for everything else', () => {
    const safe = (action: 'on' | 'off' | 'cycle', onlyDown: boolean) => isSafe(power as never, { action, onlyDown });
    expect([safe('on', false), safe('cycle', true)]).toEqual([true, true]);
    expect([safe('cycle', false), safe('off', false), safe('off', true)]).toEqual([false, false, false]);
  });
});

test('a host without a class, or whose class cannot do it, is left out of the plan and gets no buttons', () => {
  const foresee = (host: typeof kvm05, action: 'on' | 'cycle') =>
    (power as never as { foresee(host: typeof kvm05, of: unknown): { skip?: { because: string } } }).foresee(host, {
      params: { action, onlyDown: true },
      fleet,
      config,
      now,
      keptOff: [],
    });
  expect(foresee(kvm05, 'cycle').skip).toBeUndefined();
  expect(foresee(kvm06, 'cycle').skip?.because).toBe('kvm06 is in no class of `power` in holdfast.yaml');
  expect(powerOffer('kvm05', { config, fleet }).map(({ command }) => command)).toEqual(['power console kvm05', 'power cycle kvm05']);
  expect(powerOffer('kvm06', { config, fleet })).toEqual([]);
});
