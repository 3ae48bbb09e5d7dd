import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FACTS } from '../../src/fleet/facts/catalogue.ts';
import { clockOffset } from '../../src/fleet/facts/derive.ts';
import { parseFacts } from '../../src/fleet/facts/parse.ts';
import { judge, judgeUnseen } from '../../src/fleet/hazards/judge.ts';
import { checkContract } from '../../src/fleet/scripts/contract.ts';
import { Refusal } from '../../src/lib/refusal.ts';
import { checkAnswer } from '../../src/sandbox/check-answer.ts';
import { readFault, withFault } from '../../src/sandbox/faults.ts';
import { factsOf, freshModel, type HostModel } from '../../src/sandbox/model.ts';
import { HOSTS, type RosterHost } from '../../src/sandbox/roster.ts';

const NOW = Date.parse('2026-11-20T09:00:00Z');
const DAY = 86_400_000;
const host = (name: string): RosterHost => HOSTS.find((one) => one.name === name) as RosterHost;
const faulty = (name: string, ...faults: string[]): HostModel =>
  faults.reduce((model, fault) => withFault(model, readFault(fault, NOW)), freshModel(host(name), NOW));
const facts = (name: string, model: HostModel, now = NOW) => factsOf(host(name), model, now);

describe('the model of a host', () => {
  test.each(HOSTS.map(({ name }) => name))('%s answers by the contract of check, at the start and after a day and a half', (name) => {
    const model = freshModel(host(name), NOW);
    for (const now of [NOW, NOW + 1.5 * DAY]) expect(checkContract(checkAnswer(facts(name, model, now)))).toEqual([]);
  });

  test('nothing is wrong with it, at the start and five days on, but that lab02 wants a reboot', () => {
    for (const now of [NOW, NOW + 5 * DAY]) {
      const found = HOSTS.flatMap((one) => {
        const { facts: seen, unseen, whole } = parseFacts(checkAnswer(factsOf(one, freshModel(one, NOW), now)));
        expect(whole).toBe(true);
        return [...judge(seen), ...judgeUnseen(unseen)].map(({ hazard, severity }) => `${one.name} ${hazard} ${severity}`);
      });
      expect(found).toEqual(['lab02 reboot-required info']);
    }
  });

  test('two fresh sandboxes are alike, and no two hosts of one', () => {
    for (const one of HOSTS) expect(freshModel(one, NOW)).toEqual(freshModel(one, NOW));
    for (const key of ['machineId', 'bootId', 'bootedAt'] as const) expect(new Set(HOSTS.map((one) => freshModel(one, NOW)[key])).size).toBe(HOSTS.length);
  });

  test('uptime grows with domain time', () => {
    const model = freshModel(host('web01'), NOW);
    expect(Number(facts('web01', model, NOW + DAY).uptime) - Number(facts('web01', model).uptime)).toBe(86_400);
  });

  test('a hypervisor names its guests', () => {
    expect(facts('kvm01', faulty('kvm01')).guests).toContain('web01');
    expect(facts('kvm08', faulty('kvm08')).guests).toContain('web02');
  });
});

describe('an attribute that was set', () => {
  test.each([
    ['web01', ['uptime=211d', 'kernel=2.6.32-31-server'], 'uptime-208'],
    ['web01', ['disk_worst=97'], 'disk-full'],
    ['web01', ['inodes_worst=97'], 'inodes-full'],
    ['db01', ['clock_offset_ms=40s'], 'clock-off'],
    ['kvm01', ['failed_units=libvirtd.service'], 'failed-units'],
  ])('%s with %s is found as such', (name, faults, hazard) => {
    const seen = parseFacts(checkAnswer(facts(name, faulty(name, ...faults)))).facts;
    // What the job adds when it has the answer.
    seen.clock_offset_ms = clockOffset(String(seen.host_time), NOW, NOW);
    expect(judge(seen).map((finding) => finding.hazard)).toEqual([hazard]);
  });

  test('uptime=211d is 211 days now and 212 tomorrow', () => {
    const model = faulty('web01', 'uptime=211d');
    expect(facts('web01', model).uptime).toBe(211 * 86_400);
    expect(facts('web01', model, NOW + DAY).uptime).toBe(212 * 86_400);
  });

  test('disk_worst=97 fills the fullest file system and leaves no other fuller', () => {
    const before = facts('db01', faulty('db01')).disk_used as { mount: string; used_percent: number; free_mb: number }[];
    const after = facts('db01', faulty('db01', 'disk_worst=97')).disk_used as typeof before;
    expect(Math.max(...after.map((disk) => disk.used_percent))).toBe(97);
    expect(after.map(({ mount }) => mount)).toEqual(before.map(({ mount }) => mount));
    const full = after.find((disk) => disk.used_percent === 97);
    expect(full?.free_mb).toBeLessThan(before.find(({ mount }) => mount === full?.mount)?.free_mb ?? 0);
  });

  test('a file system that was already full can be set to be less so', () => {
    const model = faulty('web01', 'disk_used=[{"mount":"/","used_percent":100,"free_mb":0}]', 'disk_worst=40');
    expect(facts('web01', model).disk_used).toEqual([{ mount: '/', used_percent: 40, free_mb: 0 }]);
  });

  test('xen=4.2 makes it a Xen host, failed_units=nginx.service a degraded one, clock_offset_ms=40s one whose clock is wrong', () => {
    expect(facts('kvm01', faulty('kvm01', 'xen=4.2'))).toMatchObject({ xen: '4.2', hypervisor: 'xen' });
    expect(facts('web01', faulty('web01', 'failed_units=nginx.service, cron.service'))).toMatchObject({
      failed_units: ['nginx.service', 'cron.service'],
      system_state: 'degraded',
    });
    expect(Number(facts('web01', faulty('web01', 'clock_offset_ms=40s')).host_time)).toBeCloseTo(NOW / 1000 + 40, 3);
  });

  test('one set to nothing is absent, and ok puts everything back', () => {
    expect(facts('kvm01', faulty('kvm01', 'livepatch=', 'kernel=2.6.32-31-server'))).not.toHaveProperty('livepatch');
    expect(faulty('kvm01', 'livepatch=', 'kernel=2.6.32-31-server', 'uptime=3d', 'dead', 'ok')).toEqual(faulty('kvm01'));
  });

  test('is kept while the host is dead', () => {
    expect(faulty('web01', 'xen=4.2', 'dead')).toMatchObject({ mode: 'dead', set: { xen: '4.2' } });
  });

  test('whatever is taken, the answer still keeps to the contract', () => {
    const value = fc.oneof(
      fc.constantFrom(
        '',
        '97',
        '97%',
        '-3.5',
        '211d',
        '4.2',
        'yes',
        'no',
        '2026-11-20T09:00Z',
        'a, b',
        '[]',
        '1e999',
        '9'.repeat(30),
        `${'9'.repeat(20)}w`,
        `-${'9'.repeat(15)}`,
        '0.0000001',
      ),
      fc.constantFrom('[{"mount":"/","used_percent":100,"free_mb":0}]', '[{"name":"x","state":"on","next":1e300}]', '[{"name":"a\\u0001b","ok":true}]'),
      fc.double().map(String),
      fc.string({ unit: 'binary', maxLength: 600 }),
    );
    let taken = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...Object.keys(FACTS)), value), { minLength: 1, maxLength: 4 }), (settings) => {
        let model = freshModel(host('db01'), NOW);
        for (const [name, text] of settings) {
          try {
            model = withFault(model, readFault(`${name}=${text}`, NOW));
            taken++;
          } catch (error) {
            expect(error).toBeInstanceOf(Refusal);
          }
        }
        expect(checkContract(checkAnswer(facts('db01', model)))).toEqual([]);
      }),
      { numRuns: 2000 },
    );
    expect(taken).toBeGreaterThan(500);
  });
});

describe('a fault there is not', () => {
  test.each([
    ['ded', 'No fault is called "ded". There is ok, dead, mute, half-dead, slow, no-return'],
    ['', 'No fault is called ""'],
    ['uptme=3d', 'there is uptime'],
    ['__proto__=1', 'no attribute "__proto__"'],
    ['uptime=soon', 'uptime has to be a duration such as 211d'],
    ['uptime=', 'uptime cannot be taken away'],
    ['booted=', 'booted cannot be taken away'],
    ['disk_worst=197', 'disk_worst has to be a percentage from 0 to 100'],
    [`uptime=${'9'.repeat(20)}w`, 'uptime has to be a duration such as 211d'],
    ['uptime=-3', 'uptime has to be a duration such as 211d'],
    ['kernel=new', 'kernel has to be a version'],
    ['time_synced=perhaps', 'time_synced has to be yes or no'],
    ['instance_family=m4', 'worked out from instance_type'],
    ['probes=[{"name":"http"}]', 'probes has to be a JSON list of rows with name (text), ok (yesno)'],
  ])('%s is refused with what there is', (text, says) => {
    expect(() => readFault(text, NOW)).toThrow(Refusal);
    expect(() => readFault(text, NOW)).toThrow(says);
  });
});
