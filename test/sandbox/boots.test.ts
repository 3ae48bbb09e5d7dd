import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerCall } from '../../src/sandbox/answer.ts';
import { nextMoment, passTime, portStateOf, REBOOT_TAKES } from '../../src/sandbox/boots.ts';
import { readFault, withFault } from '../../src/sandbox/faults.ts';
import { factsOf, freshModel, type HostModel } from '../../src/sandbox/model.ts';
import { HOSTS, type RosterHost } from '../../src/sandbox/roster.ts';
import { become } from '../../src/sandbox/simulated.ts';

const NOW = Date.parse('2026-11-20T09:00:00Z');
const MINUTE = 60_000;
const host = (name: string): RosterHost => HOSTS.find((one) => one.name === name) as RosterHost;

/** A fleet whose time is moved by hand. */
function fleet(...faults: [string, string][]) {
  let now = NOW;
  const models = new Map(HOSTS.map((one) => [one.name, freshModel(one, NOW)]));
  const of = (name: string): HostModel => models.get(name) as HostModel;
  for (const [name, fault] of faults) models.set(name, withFault(of(name), readFault(fault, NOW)));
  const pass = (ms: number): void => {
    now += ms;
    for (const [name, model] of passTime(HOSTS, models, now)) models.set(name, model);
  };
  const ask = (name: string, script: string, ...args: string[]): Record<string, string> => {
    const { becomes, stdout } = answerCall({ script, version: 1, args }, host(name), of(name), now, models);
    if (becomes) models.set(name, become(of(name), becomes));
    return Object.fromEntries(stdout.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
  };
  const reboot = (name: string, intent = `R1-${name}-1`) => ask(name, 'reboot', 'begin', intent, of(name).bootId, '600', 'run R1 by ada');
  const facts = (name: string) => factsOf(host(name), of(name), now, models);
  return { of, pass, ask, reboot, facts, next: () => nextMoment(HOSTS, models), now: () => now, port: (name: string) => portStateOf(of(name)), models };
}

describe('a simulated reboot', () => {
  test('goes down a minute after it was told, refuses for 90 s, and is another boot then', () => {
    const { of, pass, reboot, port, facts } = fleet();
    const before = of('web01').bootId;
    expect(reboot('web01')).toMatchObject({ fence: 'taken', how: 'systemd' });
    pass(59_000);
    expect(port('web01')).toBe('open');
    pass(1_000);
    expect(port('web01')).toBe('refused');
    pass(REBOOT_TAKES - 1);
    expect(port('web01')).toBe('refused');
    pass(1);
    expect(port('web01')).toBe('open');
    expect(of('web01')).toMatchObject({ boots: 2 });
    expect(of('web01').bootId).not.toBe(before);
    expect(facts('web01')).toMatchObject({ boot_id: of('web01').bootId, uptime: 0 });
  });

  test('of one intent happens once, however often it is told; of the boot before it not at all', () => {
    const { of, pass, reboot, ask } = fleet();
    const before = of('web01').bootId;
    reboot('web01');
    expect(reboot('web01')).toMatchObject({ fence: 'already', why: 'intent', scheduled: String((NOW + MINUTE) / 1000) });
    pass(10 * MINUTE);
    expect(of('web01').boots).toBe(2);
    expect(ask('web01', 'reboot', 'begin', 'R1-web01-1', before, '600', 'run R1 by ada')).toMatchObject({ fence: 'already', why: 'rebooted' });
    pass(10 * MINUTE);
    expect(of('web01').boots).toBe(2);
  });

  test('that is called off does not happen, and cannot be told again by the same intent', () => {
    const { of, pass, reboot, ask } = fleet();
    reboot('web01');
    pass(30_000);
    expect(ask('web01', 'reboot-off', 'R1-web01-1', of('web01').bootId)).toMatchObject({ off: 'done' });
    expect(reboot('web01')).toMatchObject({ fence: 'already' });
    pass(10 * MINUTE);
    expect(of('web01').boots).toBe(1);
  });

  test('is refused where something speaks against it', () => {
    const { reboot, of } = fleet(['web01', 'package_lock=apt-get (pid 42)'], ['web02', 'package_broken=postfix'], ['web03', 'uptime=9m']);
    expect(reboot('web01')).toMatchObject({ 'blocked[]': 'apt-get (pid 42) holds the package lock' });
    expect(reboot('web02')).toMatchObject({ 'blocked[]': 'packages are half-configured: postfix' });
    expect(reboot('web03')).toMatchObject({ 'blocked[]': 'it booted only 540 s ago' });
    for (const name of ['web01', 'web02', 'web03']) expect(of(name).rebootAt).toBeUndefined();
  });

  test('comes up with the newest kernel there is, and nothing wants a reboot any more', () => {
    const { pass, reboot, facts } = fleet();
    expect(facts('lab02')).toMatchObject({ kernel: '6.12.48+deb13-amd64', kernel_newest: '6.12.57+deb13-amd64', reboot_required: true });
    reboot('lab02');
    pass(5 * MINUTE);
    expect(facts('lab02')).toMatchObject({ kernel: '6.12.57+deb13-amd64', reboot_required: false, reboot_packages: [] });
  });

  test('can go back to the kernel of before, once', () => {
    const { pass, reboot, facts, ask } = fleet();
    expect(ask('lab02', 'kernel-once', '6.12.1')).toMatchObject({ refused: expect.stringContaining('is not there') });
    reboot('lab02');
    pass(15 * MINUTE);
    expect(ask('lab02', 'kernel-once', '6.12.48+deb13-amd64')).toHaveProperty('entry');
    reboot('lab02', 'R2-lab02-1');
    pass(15 * MINUTE);
    expect(facts('lab02').kernel).toBe('6.12.48+deb13-amd64');
    reboot('lab02', 'R3-lab02-1');
    pass(15 * MINUTE);
    expect(facts('lab02').kernel).toBe('6.12.57+deb13-amd64');
  });

  test('heals an uptime that was set, for it is about the boot before', () => {
    const { pass, reboot, facts } = fleet(['lab01', 'uptime=211d']);
    reboot('lab01');
    pass(2.5 * MINUTE);
    expect(facts('lab01').uptime).toBe(0);
  });
});

describe('a host that will not return', () => {
  test('stays away until somebody mends it, and is another boot then', () => {
    const { of, pass, reboot, port, models, next } = fleet(['kvm05', 'no-return']);
    reboot('kvm05');
    pass(60 * MINUTE);
    expect(port('kvm05')).toBe('refused');
    expect(next()).toBeUndefined();
    models.set('kvm05', { ...withFault(of('kvm05'), { mode: 'ok' }), down: { since: NOW, until: NOW + 60 * MINUTE } });
    pass(0);
    expect(port('kvm05')).toBe('open');
    expect(of('kvm05').boots).toBe(2);
  });

  test('one that is made dead, mute or half-dead meanwhile is what it was made, and boots all the same', () => {
    for (const [mode, shows] of [
      ['dead', 'refused'],
      ['mute', 'swallowed'],
      ['half-dead', 'silent'],
    ] as const) {
      const { of, pass, reboot, port, models } = fleet();
      reboot('web01');
      pass(MINUTE);
      models.set('web01', withFault(of('web01'), { mode }));
      pass(5 * MINUTE);
      expect([mode, port('web01'), of('web01').boots]).toEqual([mode, shows, 2]);
    }
  });
});

describe('a hypervisor', () => {
  const guests = (facts: ReturnType<typeof factsOf>): string[] => facts.guests as string[];
  const drain = 'drain-guests';

  test('takes its guests down with it, and they boot after it', () => {
    const { of, pass, reboot, port } = fleet();
    reboot('kvm01');
    pass(MINUTE);
    expect([port('kvm01'), port('web01'), port('web02')]).toEqual(['refused', 'refused', 'open']);
    pass(REBOOT_TAKES);
    expect([port('kvm01'), port('web01')]).toEqual(['open', 'refused']);
    pass(MINUTE);
    expect([port('web01'), of('web01').boots]).toEqual(['open', 2]);
  });

  test('that does not return keeps its guests down, whatever is done to them, until it is mended', () => {
    const { of, pass, reboot, port, models } = fleet(['kvm01', 'no-return']);
    reboot('kvm01');
    pass(30 * MINUTE);
    models.set('web01', withFault(of('web01'), { mode: 'ok' }));
    pass(MINUTE);
    expect(port('web01')).toBe('refused');
    models.set('kvm01', { ...withFault(of('kvm01'), { mode: 'ok' }), down: { since: NOW, until: NOW } });
    pass(MINUTE);
    expect([port('kvm01'), port('web01')]).toEqual(['open', 'open']);
  });

  test('drained in three minutes, fewer and fewer, has none left to take down', () => {
    const { of, pass, reboot, port, ask, facts } = fleet();
    const all = guests(facts('kvm01'));
    const bootOfGuest = of('web01').bootId;
    expect(ask('kvm01', drain, 'begin', 'kvm01', 'R1-kvm01-1')).toMatchObject({ state: 'busy', detail: `${all.length} guests still here` });
    pass(90_000);
    expect(guests(facts('kvm01')).length).toBeLessThan(all.length);
    pass(90_000);
    expect(ask('kvm01', drain, 'look', 'kvm01', 'R1-kvm01-1')).toMatchObject({ state: 'done' });
    expect(guests(facts('kvm02'))).toEqual(expect.arrayContaining(all));
    expect(Number(facts('kvm01').guests_mem_mb)).toBe(0);
    reboot('kvm01');
    pass(5 * MINUTE);
    expect([of('kvm01').boots, of('web01').bootId, port('web01')]).toEqual([2, bootOfGuest, 'open']);
    expect(ask('kvm01', drain, 'undo', 'kvm01', 'R1-kvm01-1')).toMatchObject({ state: 'done' });
    expect(guests(facts('kvm01'))).toEqual(all);
  });

  test('guests that were moved go down with the host they were moved to', () => {
    const { of, pass, reboot, ask } = fleet();
    ask('kvm01', drain, 'begin', 'kvm01', 'R1-kvm01-1');
    pass(3 * MINUTE);
    reboot('kvm02');
    pass(10 * MINUTE);
    expect(of('web01').boots).toBe(2);
  });

  test('begun twice, drains once; a neighbour that is down or drained itself takes nobody in', () => {
    const { of, pass, ask } = fleet(['kvm02', 'dead']);
    ask('kvm01', drain, 'begin', 'kvm01', 'R1-kvm01-1');
    const { ends } = of('kvm01').drain as { ends: number };
    pass(MINUTE);
    ask('kvm01', drain, 'begin', 'kvm01', 'R1-kvm01-1');
    expect(of('kvm01').drain).toMatchObject({ ends, to: 'kvm03' });
    pass(3 * MINUTE);
    expect(of('kvm01').guestsOn).toBe('kvm03');
  });

  test('no guest is ever in two places or in none, whatever is drained, rebooted and taken back', () => {
    const step = fc.record({
      name: fc.constantFrom('kvm01', 'kvm02', 'kvm03'),
      what: fc.constantFrom('begin', 'undo', 'reboot', 'wait'),
      wait: fc.integer({ min: 0, max: 6 * MINUTE }),
    });
    const everybody = guests(fleet().facts('kvm01')).concat(...['kvm02', 'kvm03', 'kvm04', 'kvm05', 'kvm06'].map((name) => guests(fleet().facts(name))));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const { of, pass, reboot, ask, facts } = fleet();
        for (const [at, { name, what, wait }] of steps.entries()) {
          if (of(name).down === undefined) {
            if (what === 'reboot') reboot(name, `R${at}-${name}-1`);
            else if (what !== 'wait') ask(name, drain, what, name, `R${at}`);
          }
          pass(wait);
        }
        pass(60 * MINUTE);
        const now = ['kvm01', 'kvm02', 'kvm03', 'kvm04', 'kvm05', 'kvm06'].flatMap((name) => guests(facts(name)));
        expect([...now].sort()).toEqual([...everybody].sort());
      }),
      { numRuns: 200 },
    );
  });
});

test('it does not matter whether time passes in one leap or in many steps', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3 * MINUTE }), { minLength: 1, maxLength: 20 }), (steps) => {
      const [leap, walk] = [fleet(), fleet()];
      for (const each of [leap, walk]) {
        each.ask('kvm01', 'drain-guests', 'begin', 'kvm01', 'R1');
        each.reboot('kvm02');
        each.reboot('web02');
      }
      for (const step of steps) walk.pass(step);
      leap.pass(steps.reduce((sum, step) => sum + step, 0));
      expect([...leap.models]).toEqual([...walk.models]);
    }),
  );
});
