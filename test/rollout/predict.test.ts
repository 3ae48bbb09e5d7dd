import { describe, expect, test } from 'vitest';
import { makePlan } from '../../src/rollout/plan.ts';
import { predict } from '../../src/rollout/predict.ts';
import { ringOpens } from '../../src/rollout/ring-opens.ts';
import { defaults, foreseen, MIN, reboot, sketch } from './roster-fleet.ts';

const fleet = sketch(Array.from({ length: 4 }, (_, at) => ({ name: `web${at}`, ring: 'lab', site: `s${at}` })));
const plan = makePlan(reboot(fleet, [...fleet.hosts.keys()]));
const estimates = new Map([...fleet.hosts.keys()].map((name) => [name, { p50: 2 * MIN, p95: 5 * MIN }]));

describe('how long a run takes', () => {
  test('waves one after the other, with what is watched between them', () => {
    // 1, 2 and 1 hosts; the canary is watched 10 min, the second wave 2, nothing after the last.
    expect(plan.waves).toBe(3);
    expect(predict(plan, { history: {}, estimates, defaults })).toMatchObject({
      p50: 3 * 2 * MIN + 12 * MIN,
      p95: 3 * 5 * MIN + 12 * MIN,
      basis: 'estimated, never done before; floor 15 min',
      host: { vm: { p50: 2 * MIN, p95: 5 * MIN, from: 0 } },
    });
  });

  test('rests on what was, by class, once there is enough of it', () => {
    const eleven = Array.from({ length: 11 }, (_, at) => (at + 1) * MIN);
    const said = predict(plan, { history: { vm: eleven }, estimates, defaults });
    expect(said.host.vm).toEqual({ p50: 6 * MIN, p95: 11 * MIN, from: 11 });
    expect(said.basis).toBe('11 runs of this class; floor 15 min');
  });

  test('of few, the slowest is no p95: the estimate bounds it', () => {
    expect(predict(plan, { history: { vm: [MIN, MIN] }, estimates, defaults }).host.vm).toEqual({ p50: MIN, p95: 5 * MIN, from: 2 });
  });

  test('is never less than a quarter of an hour for what disrupts', () => {
    const one = makePlan(reboot(fleet, ['web0']));
    expect(predict(one, { history: {}, estimates, defaults })).toMatchObject({ p50: 15 * MIN, p95: 15 * MIN });
    expect(predict({ ...one, risk: 'change' }, { history: {}, estimates, defaults })).toMatchObject({ p50: 2 * MIN, basis: 'estimated, never done before' });
  });

  test('tells classes apart, and that guests are evacuated', () => {
    const mixed = makePlan(
      reboot(fleet, ['web0', 'web1'], {
        targets: ['web0', 'web1'].map((name, at) => ({
          host: fleet.hosts.get(name) as never,
          foreseen: foreseen(at ? { class: 'hypervisor', needsMb: 4096 } : {}),
        })),
      }),
    );
    expect(predict(mixed, { history: { hypervisor: Array(7).fill(30 * MIN) }, estimates, defaults }).basis).toBe(
      'estimated for vm; 7 runs of hypervisor; evacuation included; floor 15 min',
    );
  });

  test('days between rings are not in it', () => {
    const rings = sketch([
      { name: 'a', ring: 'lab' },
      { name: 'b', ring: 'prod' },
    ]);
    const two = makePlan(reboot(rings, ['a', 'b'], { byRings: true }));
    expect(
      predict(two, { history: {}, estimates: new Map([...rings.hosts.keys()].map((name) => [name, { p50: 10 * MIN, p95: 10 * MIN }])), defaults }).p50,
    ).toBe(20 * MIN);
  });
});

describe('when the next ring may begin', () => {
  const zone = 'Australia/Brisbane';
  const at = (text: string): number => Date.parse(`${text}+10:00`);
  const prod = { soakBefore: 72 * 60 * MIN, workingMorning: true };

  test('after its hours, where no morning is asked for', () => {
    expect(ringOpens({ soakBefore: 24 * 60 * MIN, workingMorning: false }, at('2026-11-20T15:00'), zone)).toEqual({
      at: at('2026-11-21T15:00'),
      because: '1 d after the ring before it',
    });
  });

  test.each([
    ['Tuesday noon: Friday noon, mornings enough', '2026-11-17T12:00', '2026-11-20T12:00', '3 d after the ring before it, with a working morning in it'],
    [
      'Friday at ten: Monday at noon, for Friday’s had begun',
      '2026-11-20T10:00',
      '2026-11-23T12:00',
      '3 d after the ring before it and one working morning, which ends Mon 23 Nov 12:00 Australia/Brisbane',
    ],
    ['Friday evening: Monday evening', '2026-11-20T18:00', '2026-11-23T18:00', '3 d after the ring before it, with a working morning in it'],
  ])('%s', (_, ended, opens, because) => {
    expect(ringOpens(prod, at(ended), zone)).toEqual({ at: at(opens), because });
  });

  test('a short soak still waits for Monday', () => {
    expect(ringOpens({ soakBefore: MIN, workingMorning: true }, at('2026-11-21T09:00'), zone).at).toBe(at('2026-11-23T12:00'));
  });
});
