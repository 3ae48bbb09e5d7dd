import { describe, expect, test } from 'vitest';
import type { Host } from '../../src/fleet/host.ts';
import { makePlan } from '../../src/rollout/plan.ts';
import { planSay } from '../../src/rollout/plan-say.ts';
import { predict } from '../../src/rollout/predict.ts';
import { defaults, foreseen, MIN, reboot, rosterFleet, sketch } from './roster-fleet.ts';

const fleet = rosterFleet();
const kvms = fleet.groups.get('kvm') as string[];

describe('the lines of a plan', () => {
  test('reboot @kvm batch 2, one of them left out by a rule', () => {
    const targets = kvms.map((name) => ({
      host: fleet.hosts.get(name) as Host,
      ...(name === 'kvm12'
        ? { excluded: { rule: 'E1', because: 'xen below 4.6' } }
        : {
            foreseen: foreseen({
              does: 'drain, reboot into 4.18.0-553',
              class: 'hypervisor',
              needsMb: 1,
              ...(name < 'kvm03' && { notes: ['boots into 4.18.0-552, which still carries uptime-208'] }),
            }),
          }),
    }));
    const plan = makePlan(reboot(fleet, kvms, { batch: 2, targets }));
    const prediction = predict(plan, { history: { hypervisor: Array(11).fill(5 * MIN) }, estimates: new Map(), defaults });
    expect(planSay(plan, { prediction })).toEqual([
      'reboot: 11 hosts in 6 waves, never more than 2 at once',
      'kvm[01-11]: drain, reboot into 4.18.0-553',
      'wave 1: kvm06, then watched for 30 min',
      'wave 2: kvm[01,07]',
      'wave 3: kvm[02,08]',
      'wave 4: kvm[03,09]',
      'wave 5: kvm[04,10]',
      'wave 6: kvm[05,11]',
      'left out: kvm12 by E1: xen below 4.6',
      'at most 2 more hosts can be affected if it is wrong',
      'predicted 80 min, 80 min at p95 (11 runs of this class; evacuation included; floor 15 min)',
      'kvm[01-02]: boots into 4.18.0-552, which still carries uptime-208',
      'a second person is needed: disrupts production: kvm[01-11]; 11 hosts: 11 of the 12 of @kvm, more than 5 and 10 %; guests run on kvm[01-05,08-11]',
    ]);
  });

  test('says what goes down with it, and who has to hand over first', () => {
    const plan = makePlan(reboot(fleet, ['mon01', 'lb01']));
    const lines = planSay(plan, { prediction: predict(plan, { history: {}, estimates: new Map(), defaults }) });
    expect(lines).toContain('mon01: the alert path goes down with it: mon01; hand over first');
    expect(lines).toContain('at most 1 more host can be affected if it is wrong');
  });

  test('rings say what lies between them, and each needs its own approval', () => {
    const plan = makePlan(reboot(fleet, ['lab01', 'lab02', 'web01'], { byRings: true }));
    const lines = planSay(plan, { prediction: predict(plan, { history: {}, estimates: new Map(), defaults }) });
    expect(lines).toContain('ring lab: 2 hosts');
    expect(lines).toContain('ring prod: 1 host, 3 d and a working morning after the ring before it');
    expect(lines.at(-1)).toBe('a second person is needed for ring prod: disrupts production: web01');
  });

  test('a plan of 5,000 hosts is told in a few lines, and whole for the attachment', () => {
    const many = sketch(Array.from({ length: 5000 }, (_, at) => ({ name: `h${at}`, site: `s${at % 10}`, ring: 'lab' })));
    const plan = makePlan(reboot(many, [...many.hosts.keys()]));
    const prediction = predict(plan, { history: {}, estimates: new Map(), defaults });
    const lines = planSay(plan, { prediction });
    expect(lines.length).toBeLessThan(20);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(300);
    expect(lines).toContain('waves 7–1002: h[23-4999]');
    expect(lines.at(-1)).toBe('a second person is needed: 5000 hosts: 5000 of the 5000 of @lab, more than 5 and 10 %');
    expect(planSay(plan, { prediction, whole: true }).filter((line) => line.startsWith('wave '))).toHaveLength(1002);
  });

  test('an undo is called so', () => {
    const plan = makePlan(reboot(fleet, ['web01'], { mode: 'undo', of: 'R7' }));
    expect(planSay(plan, { prediction: predict(plan, { history: {}, estimates: new Map(), defaults }) })[0]).toBe(
      'undo R7: 1 host in 1 wave, never more than 1 at once',
    );
  });
});
