import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { reboot } from '../../jobs/reboot.ts';
import { ConfigSchema } from '../../src/config/schema.ts';
import type { Host } from '../../src/fleet/host.ts';
import { openSsh } from '../../src/fleet/ssh/open.ts';
import type { Ssh } from '../../src/fleet/ssh/transport.ts';
import type { ChangeJob, Memory, Step, StepContext } from '../../src/jobs.ts';
import { startClock } from '../../src/lib/clocks.ts';
import { answerCall } from '../../src/sandbox/answer.ts';
import { freshModel } from '../../src/sandbox/model.ts';
import { HOSTS, type RosterHost } from '../../src/sandbox/roster.ts';
import { type Machine, noMachine, startRebootable } from '../fleet/reboot/machine.ts';
import { hostOn, LIMITS } from '../fleet/ssh/hosts.ts';

/** A minute of the machine is a second of ours, and so is one of domain time. */
const SPEED = 60;
/** Far longer than a busy machine takes, for hosts that are to come back; short for those that are not. */
const LONG = { 'reboot.down': '30m', 'reboot.back_vm': '30m' };
const SHORT = { 'reboot.down': '1m', 'reboot.back_vm': '3m' };
const job = reboot as ChangeJob;
const clock = startClock({ speed: SPEED });

describe.skipIf(noMachine)(`a real sshd that reboots${noMachine ? ` (${noMachine})` : ''}`, () => {
  let machine: Machine;
  let ssh: Ssh;
  let host: Host;
  let patience: Record<string, string>;

  beforeEach(async () => {
    machine = await startRebootable({ minute: 60_000 / SPEED });
    ssh = openSsh({ ...LIMITS, connect: 1_000, banner: 1_000, auth: 4_000 });
    patience = LONG;
    host = hostOn(machine.sshd, { name: 'vm01', parent: 'kvm01', site: 'bne' });
  }, 20_000);
  afterEach(async () => {
    await ssh.close();
    await machine.stop();
  });

  const script = (name: string, args: readonly string[] = [], timeout = 10_000) => ssh.exec(host, { script: name, args, timeout });
  const contextOf = (memory: Memory, since: number, intent = 'R1-vm01-1'): StepContext<unknown> => ({
    params: {},
    clock,
    run: { id: 'R1', by: 'alice' },
    intent,
    since,
    memory,
    baseline: {},
    config: ConfigSchema.parse({ defaults: patience }),
    fleet: { hosts: new Map([[host.name, host]]), groups: new Map() },
    predicted: { p50: 0, p95: 0 },
    keptOff: async () => [],
    // The machine itself has been up for as long as it likes; its own boots are seconds old.
    script: (name, args = []) => script(name, name === 'reboot' ? args.map((arg, at) => (at === 3 ? '0' : arg)) : args),
    scriptOn: () => Promise.reject(new Error('not here')),
    once: async (_key, effect) => ({ answer: await effect() }),
  });
  const carry = async (phases: readonly ('prepare' | 'act' | 'verify' | 'settle')[], memory: Memory = {}): Promise<{ step: Step; memory: Memory }> => {
    let [step, kept]: [Step, Memory] = [{ step: 'done' }, memory];
    for (const phase of phases) {
      const since = clock.now();
      do {
        step = await (job[phase] as NonNullable<ChangeJob['verify']>)(host, contextOf(kept, since));
        kept = { ...kept, ...step.remember };
        if (step.step === 'wait')
          await new Promise((resolve) => setTimeout(resolve, clock.wallUntil(clock.now() + Math.min(5_000, (step as { lookAgainIn: number }).lookAgainIn))));
      } while (step.step === 'wait');
      if (step.step === 'end') break;
    }
    return { step, memory: kept };
  };

  test('is rebooted, seen to go down, and back as the same host with another boot id', async () => {
    const [before] = machine.boots();
    const { step, memory } = await carry(['prepare', 'act', 'verify', 'settle']);
    expect(step).toMatchObject({ step: 'done' });
    expect(machine.boots()).toHaveLength(2);
    expect(memory).toMatchObject({ boot_before: before, boot_after: machine.boots()[1] });
    expect(machine.shutdowns()).toEqual(['-r +1 run R1 by alice [R1-vm01-1]']);
  }, 20_000);

  test('is rebooted once, though the act comes by twice, before and after it went down', async () => {
    const prepared = await carry(['prepare']);
    await carry(['act'], prepared.memory);
    const { memory } = await carry(['act', 'verify'], prepared.memory);
    const late = await job.act(host, contextOf(memory, clock.now()));
    expect(late).toMatchObject({ step: 'done', detail: 'it had been told already' });
    expect(machine.shutdowns()).toHaveLength(1);
    expect(machine.boots()).toHaveLength(2);
  }, 20_000);

  test('two workers at the same instant: exactly one shutdown', async () => {
    const { memory } = await carry(['prepare']);
    const steps = await Promise.all(Array.from({ length: 4 }, () => job.act(host, contextOf(memory, clock.now()))));
    expect(steps.map((step) => ('detail' in step ? step.detail : step.step)).sort()).toEqual([
      'it goes down in a minute',
      ...Array(3).fill('it had been told already'),
    ]);
    expect(machine.shutdowns()).toHaveLength(1);
  });

  test('that stays away is lost, by the deadline of its kind', async () => {
    patience = SHORT;
    machine.will('not return');
    const { step, memory } = await carry(['prepare', 'act', 'verify']);
    expect(step).toMatchObject({ step: 'end', outcome: 'lost', detail: expect.stringMatching(/^it did not come back within \d+ min/) });
    expect(memory).not.toHaveProperty('boot_after');
  }, 20_000);

  test('that does not go down has failed, and is told apart from one that is lost', async () => {
    patience = SHORT;
    machine.will('not go down');
    const { step } = await carry(['prepare', 'act', 'verify']);
    expect(step).toMatchObject({ step: 'end', outcome: 'failed', detail: expect.stringMatching(/^it did not go down/) });
    expect(machine.boots()).toHaveLength(1);
  }, 20_000);

  test('that comes back with another host key is told nothing, and does not count as back', async () => {
    patience = SHORT;
    machine.will('change its key');
    const { step } = await carry(['prepare', 'act', 'verify']);
    expect(step).toMatchObject({ step: 'end', outcome: 'lost', detail: expect.stringContaining('key-mismatch') });
    expect(machine.boots()).toHaveLength(2);
  }, 20_000);

  test('is called off within the minute, does not go down, and a worker that comes late is refused', async () => {
    const { memory } = await carry(['prepare', 'act']);
    expect(await job.callOff?.(host, contextOf(memory, clock.now()))).toMatchObject({ step: 'done', detail: 'the scheduled reboot was called off' });
    expect(await job.act(host, contextOf(memory, clock.now()))).toMatchObject({ detail: 'it had been told already' });
    await new Promise((resolve) => setTimeout(resolve, (3 * 60_000) / SPEED));
    expect(machine.boots()).toHaveLength(1);
    expect(machine.shutdowns()).toEqual(['-r +1 run R1 by alice [R1-vm01-1]', '-c called off [R1-vm01-1]']);
  }, 20_000);

  test('and a person who then lets it go on has it rebooted, under another name', async () => {
    const { memory } = await carry(['prepare', 'act']);
    const off = await job.callOff?.(host, contextOf(memory, clock.now()));
    const { step } = await carry(['act', 'verify'], { ...memory, ...off?.remember });
    expect(step).toMatchObject({ step: 'done' });
    expect(machine.boots()).toHaveLength(2);
    expect(machine.shutdowns().at(-1)).toBe('-r +1 run R1 by alice [R1-vm01-1.1]');
  }, 20_000);

  test('undone before it went down: called off; after: there is nothing to put back', async () => {
    const { memory } = await carry(['prepare', 'act']);
    let step = (await job.undo?.(host, contextOf(memory, clock.now(), 'R2-vm01-1'))) as Step;
    expect(step).toMatchObject({ step: 'wait', remember: { takenBack: true } });
    step = (await job.undo?.(host, contextOf({ ...memory, ...step.remember }, clock.now(), 'R2-vm01-1'))) as Step;
    expect(step).toMatchObject({ step: 'done', detail: 'it does not reboot, and is in service' });
    expect(machine.shutdowns().at(-1)).toBe('-c called off [R1-vm01-1]');
  }, 20_000);

  test('answers in the same keys and kinds as a simulated host', async () => {
    const web01 = HOSTS.find(({ name }) => name === 'web01') as RosterHost;
    const now = Date.now();
    let model = freshModel(web01, now);
    const simulated = (name: string, args: readonly string[]): string => {
      const { stdout, becomes } = answerCall({ script: name, version: 1, args: [...args] }, web01, model, now);
      model = { ...model, ...becomes } as typeof model;
      return stdout;
    };
    const real = async (name: string, args: readonly string[]): Promise<string> => {
      const answer = await script(name, args);
      return answer.reach === 'ok' ? answer.stdout : `${answer.reach}: ${answer.detail}`;
    };
    const boot = /^boot=(.*)$/m.exec(await real('boot', []))?.[1] as string;
    const words = 'run R1 by alice';
    const calls: [string, (boot: string) => string[]][] = [
      ['boot', () => []],
      ['reboot', () => ['look', 'R1', '', '0', words]],
      ['reboot', (here) => ['look', 'R1', '', '999999999', here && words]],
      ['reboot', () => ['begin', 'R1', 'another-boot', '0', words]],
      ['reboot-off', (here) => ['R0', here]],
      ['reboot', (here) => ['begin', 'R1', here, '0', words]],
      ['reboot', (here) => ['begin', 'R1', here, '0', words]],
      ['reboot-off', (here) => ['R2', here]],
      ['reboot-off', (here) => ['R1', here]],
      ['reboot-off', () => ['R1', 'another-boot']],
      ['kernel-once', () => ['0.0.0']],
    ];
    for (const [name, args] of calls) {
      const ours = kinds(await real(name, args(boot)));
      expect([name, args(boot), kinds(simulated(name, args(model.bootId)))]).toEqual([name, args(boot), ours]);
    }
  });
});

/** Keys with the kind of what they say; which kind of container a machine is, only one of them knows. */
function kinds(stdout: string): string[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('container='))
    .map((line) => {
      const [, key, value = ''] = /^([^=]*)=(.*)$/.exec(line) ?? [];
      if (key === 'end' || key === 'fence' || key === 'why' || key === 'off' || key === 'how' || key === 'system_state') return line;
      return `${key}=${value === '' ? '' : /^[0-9a-f]{8}-[0-9a-f-]{27}(@\d+)?$/.test(value) ? 'boot' : /^\d+(\.\d+)?$/.test(value) ? 'number' : 'text'}`;
    });
}
