import { describe, expect, test } from 'vitest';
import { reboot } from '../../jobs/reboot.ts';
import { ConfigSchema } from '../../src/config/schema.ts';
import type { Facts, Host } from '../../src/fleet/host.ts';
import { hookedGroups } from '../../src/fleet/reboot/hooks.ts';
import { rebootParams } from '../../src/fleet/reboot/params.ts';
import type { ExecResult } from '../../src/fleet/ssh/transport.ts';
import type { ChangeJob, Foreseen, Memory, Step, StepContext } from '../../src/jobs.ts';

const job = reboot as ChangeJob;
const MINUTE = 60_000;
const NOW = Date.parse('2026-11-20T09:00:00Z');
const [ONE, TWO] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];

const hostNamed = (name: string, more: Partial<Host> = {}): Host => ({
  name,
  address: '192.0.2.1',
  port: 22,
  groups: ['kvm'],
  redundancy: [],
  vars: {},
  ssh: { jump: [], identityFiles: [], knownHosts: [], transport: 'ssh2' },
  ...more,
});
const DRAINED = ConfigSchema.parse({
  groups: { kvm: { hosts: 'kvm01', hooks: { drain: { script: 'drain-guests', on: 'mgr', params: { to: 'kvm-{host}' } } } } },
});
const PLAIN = ConfigSchema.parse({});

function foresee(facts: Facts, options: { host?: Host; config?: typeof PLAIN; keptOff?: { rule: string; pattern: string }[] } = {}): Foreseen {
  const { host = hostNamed('kvm01'), config = PLAIN, keptOff = [] } = options;
  return job.foresee(host, {
    params: rebootParams(config, [host]),
    known: { host: host.name, reach: 'ok', askedAt: NOW, facts, findings: [] },
    fleet: { hosts: new Map([[host.name, host]]), groups: new Map() },
    config,
    now: NOW,
    keptOff,
  });
}

describe('what a reboot is foreseen to do', () => {
  test('a virtual machine, a machine of metal and one with guests are of different classes, and take differently long', () => {
    const facts: Facts[] = [{ virt: 'kvm' }, { virt: 'none' }, { virt: 'none', guests: ['web01'], guests_mem_mb: 4096 }];
    const [vm, metal, hypervisor] = facts.map((each) => foresee(each));
    expect([vm?.class, metal?.class, hypervisor?.class]).toEqual(['vm', 'metal', 'hypervisor']);
    expect(metal?.estimate.p95).toBeGreaterThan(vm?.estimate.p95 ?? 0);
    expect(foresee({}, { host: hostNamed('web01', { parent: 'kvm01' }) }).class).toBe('vm');
  });

  test('guests that are drained need memory elsewhere and time; guests that are not are said to go down', () => {
    const facts = { virt: 'none', guests: ['web01', 'db01'], guests_mem_mb: 60_000 };
    const drained = foresee(facts, { config: DRAINED });
    expect(drained).toMatchObject({ does: 'drain 2 guests, reboot', needsMb: 60_000, class: 'hypervisor, drained' });
    expect(drained.estimate.p50 - foresee({ virt: 'none' }).estimate.p50).toBeGreaterThan(2 * MINUTE);
    expect(foresee(facts)).toMatchObject({ does: 'reboot', notes: ['2 guests go down with it: nothing drains it'] });
    expect(foresee(facts)).not.toHaveProperty('needsMb');
  });

  test('names the kernel it would boot into, and whether that still carries the finding', () => {
    const old = { virt: 'none', kernel: '2.6.32-31-server', uptime: 211 * 86_400 };
    expect(foresee({ ...old, kernel_newest: '3.0.13-1-server' })).toMatchObject({ does: 'reboot into 3.0.13-1-server' });
    expect(foresee({ ...old, kernel_newest: '3.0.13-1-server' })).not.toHaveProperty('notes');
    expect(foresee({ ...old, kernel_newest: '2.6.32-40-server' }).notes).toEqual(['boots into 2.6.32-40-server, which still carries uptime-208']);
    expect(foresee({ ...old, kernel_newest: '2.6.32-31-server' })).toMatchObject({
      does: 'reboot',
      notes: ['boots into 2.6.32-31-server, which still carries uptime-208'],
    });
  });

  test('expects no kernel of another flavour, and none that is older', () => {
    for (const newest of ['6.1.0-41-cloud-amd64', '6.1.0-41-rt-amd64', '6.1.0-9-amd64'])
      expect([newest, foresee({ virt: 'kvm', kernel: '6.1.0-40-amd64', kernel_newest: newest }).does]).toEqual([newest, 'reboot']);
  });

  test('leaves a host alone that would boot into a package a rule keeps off it', () => {
    const keptOff = [{ rule: 'E1', pattern: 'linux-image*' }];
    const facts = { virt: 'xen', kernel: '6.1.0-40-amd64', kernel_newest: '6.1.0-41-amd64' };
    expect(foresee(facts, { keptOff }).skip).toEqual({ rule: 'E1', because: 'it would boot into 6.1.0-41-amd64, and E1 keeps that package off it' });
    expect(foresee({ ...facts, kernel_newest: '6.1.0-40-amd64' }, { keptOff })).not.toHaveProperty('skip');
    expect(foresee(facts, { keptOff: [{ rule: 'E2', pattern: 'nginx*' }] })).not.toHaveProperty('skip');
  });
});

/** A host whose scripts answer what they are told to; time is moved by the waits of the steps. */
function carried(
  answers: (name: string, args: readonly string[], at: number) => string | ExecResult,
  config = PLAIN,
  predicted: StepContext<unknown>['predicted'] = { p50: 0, p95: 0 },
) {
  let now = NOW;
  const asked: string[] = [];
  const host = hostNamed('kvm01');
  const ran = (on: string, name: string, args: readonly string[] = []): ExecResult => {
    asked.push(`${on} ${name} ${args.join(' ')}`.trim());
    now += 1_000;
    const answer = answers(name, args, now);
    return typeof answer === 'string' ? { reach: 'ok', code: 0, stdout: `${answer}end=${name} v1\n`, stderr: '', cut: false, ms: 1 } : answer;
  };
  const context = (memory: Memory, since: number, intent: string): StepContext<unknown> => ({
    params: rebootParams(config, [host]),
    clock: { now: () => now, wallUntil: () => 0, speed: 1, onJump: () => () => undefined },
    run: { id: 'R1', by: 'alice' },
    intent,
    since,
    memory,
    baseline: { virt: 'none' },
    config,
    fleet: { hosts: new Map(['kvm01', 'mgr'].map((name) => [name, hostNamed(name)])), groups: new Map() },
    predicted,
    keptOff: async () => [],
    script: async (name, args) => ran(host.name, name, args),
    scriptOn: async (on, name, args) => ran(on, name, args),
    once: async (_key, effect) => ({ answer: await effect() }),
  });
  const go = async (phases: readonly ('prepare' | 'act' | 'verify' | 'settle' | 'undo')[], memory: Memory = {}, intent = 'R1-kvm01-1') => {
    let [step, kept]: [Step, Memory] = [{ step: 'done' }, memory];
    const waits: string[] = [];
    for (const phase of phases) {
      const since = now;
      for (let looks = 0; ; looks++) {
        if (looks > 1_000) throw new Error(`${phase} never ends`);
        step = await (job[phase] as NonNullable<ChangeJob['verify']>)(host, context(kept, since, intent));
        kept = JSON.parse(JSON.stringify({ ...kept, ...step.remember }));
        if (step.step !== 'wait') break;
        waits.push(step.waitingFor);
        now += step.lookAgainIn;
      }
      if (step.step === 'end') break;
    }
    return { step, memory: kept, waits, took: now - NOW };
  };
  return { go, asked, context, host };
}

const LOOK = `boot=${ONE}\nboot_id=${ONE}\nuptime=90000\nkernel=6.1.0-40-amd64\n`;
const gone: ExecResult = { reach: 'refused', detail: 'nobody', ms: 1 };
const boot = (id: string, uptime: number, state = 'running', kernel = '6.1.0-40-amd64'): string =>
  `boot=${id}\nboot_id=${id}\nuptime=${uptime}\nkernel=${kernel}\nsystem_state=${state}\nfailed_units[]=\n`;
/** Goes down when it was told to, comes back after `away` as `then`. */
const machine = (away: number, then: (up: number) => string | ExecResult = (up) => boot(TWO, up)) => {
  let told: number | undefined;
  return (name: string, args: readonly string[], at: number): string | ExecResult => {
    if (name === 'reboot' && args[0] === 'look') return `${LOOK}blocked[]=\n`;
    if (name === 'reboot-off') return `boot=${ONE}\noff=nothing\n`;
    if (name === 'reboot') {
      told ??= at;
      return `${LOOK}blocked[]=\nfence=taken\nhow=systemd\nscheduled=${Math.floor(at / 1000) + 60}\n`;
    }
    const down = (told ?? at) + MINUTE;
    if (at < down) return boot(ONE, 90_000);
    return at < down + away ? gone : then(Math.floor((at - down - away) / 1000));
  };
};

describe('a reboot', () => {
  test('is well when the host was gone, and is another boot that is younger than the order', async () => {
    const { step, memory, took } = await carried(machine(90_000)).go(['prepare', 'act', 'verify', 'settle']);
    expect(step).toMatchObject({ step: 'done' });
    expect(memory).toMatchObject({ boot_before: ONE, boot_after: TWO });
    expect(took).toBeLessThan(4 * MINUTE);
  });

  test('is not begun where something speaks against it, nor without sudo, nor on a host that does not say which boot it is', async () => {
    const against = await carried(() => `${LOOK}blocked[]=apt-get (pid 42) holds the package lock\n`).go(['prepare']);
    expect(against.step).toMatchObject({ outcome: 'failed', detail: 'not begun: apt-get (pid 42) holds the package lock' });
    const rootless = await carried(() => ({
      reach: 'ok',
      code: 1,
      stdout: '',
      stderr: 'sudo: a password is required',
      needsRoot: 'needs sudo for this login',
      cut: false,
      ms: 1,
    })).go(['prepare']);
    expect(rootless.step).toMatchObject({ outcome: 'failed', detail: 'not begun: needs sudo for this login' });
    const nameless = await carried(() => 'boot=x\nboot_id=not-a-boot-id\nblocked[]=\n').go(['prepare']);
    expect(nameless.step).toMatchObject({ outcome: 'failed', detail: 'not begun: it does not say which boot this is' });
  });

  test('of a host that has only just booted is not needed: already', async () => {
    const { step } = await carried(() => `${LOOK}blocked[]=it booted only 40 s ago\n`).go(['prepare']);
    expect(step).toMatchObject({ outcome: 'already', detail: 'not rebooted again: it booted only 40 s ago' });
  });

  test('that does not go down has failed after the time for that; one that does not come back is lost after the time for that', async () => {
    const up = await carried((name, args, at) => (name === 'boot' ? boot(ONE, 90_000) : machine(0)(name, args, at))).go(['prepare', 'act', 'verify']);
    expect(up.step).toMatchObject({ outcome: 'failed', detail: expect.stringMatching(/^it did not go down, though it was told to 2 min/) });
    const lost = await carried(machine(Infinity)).go(['prepare', 'act', 'verify']);
    expect(lost.step).toMatchObject({ outcome: 'lost', detail: expect.stringMatching(/^it did not come back within 20 min/) });
    expect(lost.memory).not.toHaveProperty('boot_after');
  });

  test('with history is waited for twice as long as 95 of 100 took, the drain left out, never longer than the cap', async () => {
    const lostAfter = async (p95: number): Promise<number> =>
      (await carried(machine(Infinity), PLAIN, { p50: 0, p95, from: 11 }).go(['prepare', 'act', 'verify'])).took;
    expect(await lostAfter(4 * MINUTE)).toBeLessThan(11 * MINUTE);
    expect(await lostAfter(4 * MINUTE)).toBeGreaterThan(9 * MINUTE);
    expect(await lostAfter(MINUTE)).toBeGreaterThan(6 * MINUTE);
    expect(await lostAfter(10 * 60 * MINUTE)).toBeLessThan(48 * MINUTE);
  });

  test('is no reboot of ours when the host has been up for longer than since it was told', async () => {
    const { step } = await carried(machine(90_000, () => boot(TWO, 3_600))).go(['prepare', 'act', 'verify']);
    expect(step).toMatchObject({ outcome: 'failed', detail: expect.stringContaining('longer than since it was told to reboot') });
  });

  test('waits until the host has come up, and takes one that never ends starting as it is', async () => {
    const slow = await carried(machine(90_000, (up) => boot(TWO, up, up < 200 ? 'starting' : 'running'))).go(['prepare', 'act', 'verify']);
    expect(slow.waits).toContain('it to come up (starting)');
    const never = await carried(machine(90_000, (up) => boot(TWO, up, 'starting'))).go(['prepare', 'act', 'verify']);
    expect(never.step).toMatchObject({ step: 'done' });
  });

  test('in a container, which shares the boot id of its machine, is told by the start of its process 1', async () => {
    const shared = (start: number, uptime: number): string => `boot=${ONE}@${start}\nboot_id=${ONE}\nuptime=${uptime}\nkernel=6\ncontainer=lxc\n`;
    const answers = machine(30_000, (up) => shared(999, up));
    const { step, memory } = await carried((name, args, at) => {
      const answer = answers(name, args, at);
      return typeof answer === 'string' ? answer.replace(`boot=${ONE}\n`, `boot=${ONE}@24\n`) : answer;
    }).go(['prepare', 'act', 'verify']);
    expect(step).toMatchObject({ step: 'done' });
    expect(memory).toMatchObject({ boot_before: `${ONE}@24`, boot_after: `${ONE}@999` });
  });

  test('whose order nobody heard the end of is looked at, never given twice by guess', async () => {
    const answers = machine(90_000);
    const lostWord = carried((name, args, at) => {
      const answer = answers(name, args, at);
      return name === 'reboot' && args[0] === 'begin' ? { reach: 'exec-timeout', detail: 'the connection was lost', ms: 1 } : answer;
    });
    expect((await lostWord.go(['prepare', 'act', 'verify'])).step).toMatchObject({ step: 'done' });
    expect(lostWord.asked.filter((each) => each.includes('reboot begin'))).toHaveLength(1);
  });
});

describe('a host with a drain', () => {
  /** Busy for two looks, then done; what has been taken back stays so. */
  const hook = (says: Partial<Record<string, string>> = {}) => {
    let looks = 0;
    return (name: string, args: readonly string[]): string | undefined => {
      if (name === 'check') return 'guests[]=\n';
      if (name !== 'drain-guests') return undefined;
      const said = says[args[0] as string];
      if (said !== undefined) return said;
      if (args[0] === 'undo') return 'state=done\n';
      return looks++ < 2 ? `state=busy\ndetail=${3 - looks} guests still here\n` : 'state=done\n';
    };
  };
  const with_ = (drains: ReturnType<typeof hook>) => {
    const answers = machine(90_000);
    return carried((name, args, at) => drains(name, args) ?? answers(name, args, at), DRAINED);
  };

  test('is drained as was approved, also where it has left the group since, and by no group it has come into', () => {
    const groups = { other: { hosts: 'kvm02', hooks: { drain: { script: 'drain-guests', params: {} } } } };
    const params = rebootParams({ ...DRAINED, groups: { ...DRAINED.groups, ...ConfigSchema.parse({ groups }).groups } }, [hostNamed('kvm01')]);
    expect(hookedGroups(hostNamed('kvm01', { groups: ['other'] }), params).map(({ group }) => group)).toEqual(['kvm']);
  });

  test('is drained first, where the hook says, and taken back into service last', async () => {
    const { go, asked } = with_(hook());
    const { step, waits } = await go(['prepare', 'act', 'verify', 'settle']);
    expect(step).toMatchObject({ step: 'done' });
    expect(waits).toContain('@kvm to be drained (2 guests still here)');
    expect(asked.filter((each) => each.includes('drain-guests') || each.includes('reboot begin'))).toEqual([
      'mgr drain-guests begin kvm01 R1-kvm01-1 to=kvm-kvm01',
      'mgr drain-guests look kvm01 R1-kvm01-1 to=kvm-kvm01',
      'mgr drain-guests look kvm01 R1-kvm01-1 to=kvm-kvm01',
      `kvm01 reboot begin R1-kvm01-1 ${ONE} 600 run R1 by alice`,
      'mgr drain-guests undo kvm01 R1-kvm01-1 to=kvm-kvm01',
    ]);
  });

  test('whose drain fails is held for a person and not rebooted; undo takes it back', async () => {
    const { go, asked } = with_(hook({ look: 'state=failed\ndetail=web01 has a host device\n' }));
    const { step, memory } = await go(['prepare', 'act']);
    expect(step).toMatchObject({ outcome: 'held', detail: 'the drain (drain-guests) of @kvm failed: web01 has a host device' });
    expect(asked.join()).not.toContain('reboot begin');
    const undone = with_(hook());
    expect((await undone.go(['undo'], memory, 'R2-kvm01-1')).step).toMatchObject({ step: 'done' });
    expect(undone.asked.at(-1)).toBe('mgr drain-guests undo kvm01 R1-kvm01-1 to=kvm-kvm01');
  });

  test('whose drain nobody answers for is asked again, then held', async () => {
    const { go, asked } = carried((name, args, at) => (name === 'drain-guests' ? gone : machine(0)(name, args, at)), DRAINED);
    expect((await go(['prepare'])).step).toMatchObject({ outcome: 'held', detail: expect.stringContaining('does not answer') });
    expect(asked.filter((each) => each.includes('drain-guests')).length).toBeGreaterThan(3);
  });

  test('that is let go on by a person is drained to its end before anything else', async () => {
    const { go, asked } = with_(hook());
    const { memory } = await with_(hook({ look: 'state=failed\n' })).go(['prepare']);
    expect((await go(['act', 'verify', 'settle'], memory)).step).toMatchObject({ step: 'done' });
    expect(asked[0]).toContain('drain-guests look');
  });

  test('that booted a moment ago is taken back into service, for nobody knows who drained it', async () => {
    const { go, asked } = carried((name, args) => hook()(name, args) ?? `${LOOK}blocked[]=it booted only 40 s ago\n`, DRAINED);
    expect((await go(['prepare'])).step).toMatchObject({ outcome: 'already' });
    expect(asked.at(-1)).toContain('drain-guests undo');
  });
});

describe('undo', () => {
  const done = { boot: ONE, boot_before: ONE, boot_after: TWO, kernelBefore: '6.1.0-40-amd64', intent: 'R1-kvm01-1' };

  test('says what there is to put back: the kernel where it changed, else nothing', () => {
    const say = (memory: Memory) => job.sayUndo?.(hostNamed('kvm01'), memory);
    expect(say({ ...done, kernelAfter: '6.1.0-41-amd64' })).toBe('boot once into the kernel of before, 6.1.0-40-amd64 (it runs 6.1.0-41-amd64)');
    expect(say({ ...done, kernelAfter: '6.1.0-40-amd64' })).toBe('nothing to put back: it rebooted into the same kernel');
    expect(say({ boot: ONE })).toBe('call off the reboot and take it back into service');
  });

  test('boots the kernel of before by an entry that counts once, as carefully as the first time', async () => {
    const answers = machine(90_000, (up) => boot('33333333-3333-4333-8333-333333333333', up));
    const { go, asked } = carried((name, args, at) => (name === 'kernel-once' ? 'entry=old\n' : answers(name, args, at)));
    const { step } = await go(['undo'], { ...done, kernelAfter: '6.1.0-41-amd64' }, 'R2-kvm01-1');
    expect(step).toMatchObject({ step: 'done', detail: 'it runs 6.1.0-40-amd64 again, until its next boot' });
    expect(asked.slice(0, 3)).toEqual([
      'kvm01 reboot look R2-kvm01-1  600 run R1 by alice',
      'kvm01 kernel-once 6.1.0-40-amd64',
      `kvm01 reboot begin R2-kvm01-1 ${ONE} 600 run R1 by alice`,
    ]);
  });

  test('does nothing where that kernel has no entry any more, and fails where another one came up', async () => {
    const none = carried((name, args, at) => (name === 'kernel-once' ? 'refused=there is no boot entry for it\n' : machine(0)(name, args, at)));
    expect((await none.go(['undo'], { ...done, kernelAfter: '6.1.0-41-amd64' })).step).toMatchObject({
      outcome: 'failed',
      detail: 'not begun: there is no boot entry for it',
    });
    expect(none.asked.join()).not.toContain('reboot begin');
    const answers = machine(90_000, (up) => boot(TWO, up, 'running', '6.1.0-41-amd64'));
    const other = carried((name, args, at) => (name === 'kernel-once' ? 'entry=old\n' : answers(name, args, at)));
    expect((await other.go(['undo'], { ...done, kernelAfter: '6.1.0-41-amd64' })).step).toMatchObject({
      outcome: 'failed',
      detail: 'it came back with kernel 6.1.0-41-amd64, not 6.1.0-40-amd64',
    });
  });
});
