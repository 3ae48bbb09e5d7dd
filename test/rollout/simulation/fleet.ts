import type { Plan, PlannedRing } from '../../../src/rollout/shapes.ts';
import { defaults, NOON } from '../a-run.ts';
import type { Chance } from './chance.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Class → p95. Two classes: a virtual machine, and a hypervisor whose guests move away first. */
export const P95: Record<string, number> = { vm: 10 * MINUTE, kvm: 30 * MINUTE };

export interface SimHost {
  name: string;
  class: string;
  site: string;
  /** All but `run:`. */
  claims: string[];
  needsMb?: number;
  /** Free memory for guests of others. All stand in one pool. */
  freeMb: number;
  /** In no run: it gives room for all guests when everything is put right. */
  spare: boolean;
}

export interface SimPlan {
  id: string;
  plan: Omit<Plan, 'hosts'>;
  by: string;
  hosts: { host: SimHost; wave: number }[];
  /** Site → daily opening, ms after midnight UTC. */
  windows?: Record<string, { from: number; until: number }>;
}

/** Domain → most at once, over all runs. */
const LIMITS: Record<string, number> = { site: 3, hypervisors: 1, parent: 1, redundancy: 1, cluster: 1, group: 2, rack: 1 };

export function fleetOf(chance: Chance): SimHost[] {
  const size = chance.int(3, 12);
  const hosts = Array.from({ length: size }, (_, n): SimHost => {
    const site = chance.pick(['bne', 'mel']);
    const kvm = chance.odds(0.3);
    const name = `${kvm ? 'kvm' : 'web'}${String(n + 1).padStart(2, '0')}`;
    const claims = [`site:${site}`];
    if (kvm) claims.push(`hypervisors:${site}`, `parent:${name}`);
    else if (chance.odds(0.3)) claims.push(`parent:${chance.pick(['kvm01', 'kvm02'])}`);
    if (chance.odds(0.3)) claims.push('redundancy:pair');
    if (chance.odds(0.3)) claims.push('cluster:db');
    if (chance.odds(0.3)) claims.push('group:web');
    if (chance.odds(0.2)) claims.push('rack:1');
    return {
      name,
      class: kvm ? 'kvm' : 'vm',
      site,
      claims,
      spare: false,
      freeMb: kvm ? chance.int(0, 24) * 1024 : 0,
      ...(kvm && chance.odds(0.5) && { needsMb: chance.int(1, 12) * 1024 }),
    };
  });
  return [...hosts, { name: 'spare', class: 'kvm', site: 'bne', claims: [], spare: true, needsMb: 0, freeMb: 0 }];
}

/** A run over some of the fleet. What the planner would refuse is as welcome: deciding may not rely on it. */
export function planOf(id: string, fleet: readonly SimHost[], chance: Chance): SimPlan {
  const members = chance.shuffle(fleet.filter(({ spare }) => !spare)).slice(0, chance.int(1, fleet.length));
  const containment = chance.odds(0.2);
  const risk = chance.odds(0.7) ? 'disrupt' : 'change';
  const safe = chance.odds(containment ? 0.5 : 0.1);
  const first = chance.odds(0.3) ? [] : chance.odds(0.8) ? [1] : [1, 2];
  const rings: PlannedRing[] = [];
  const hosts: SimPlan['hosts'] = [];
  const ringCount = Math.min(members.length, chance.pick([1, 1, 2, 3]));
  let wave = 0;
  for (let ring = 0; ring < ringCount; ring++) {
    const inRing = ring === ringCount - 1 ? members : members.splice(0, Math.max(1, Math.floor(members.length / (ringCount - ring))));
    const firstWave = wave;
    for (let left = [...inRing]; left.length > 0; wave++) {
      for (const host of left.splice(0, first[wave - firstWave] ?? chance.int(1, 5))) hosts.push({ host, wave });
    }
    rings.push({
      name: ringCount === 1 ? '' : (['lab', 'nonprod', 'prod'][ring] as string),
      firstWave,
      lastWave: wave - 1,
      approval: !safe && chance.odds(0.4) ? ['production'] : [],
      soakBefore: ring === 0 ? 0 : chance.pick([0, 2 * HOUR, DAY]),
      workingMorning: ring > 0 && chance.odds(0.5),
    });
  }
  const limits: Record<string, number> = { [`run:${id}`]: chance.int(1, 3) };
  for (const { host } of hosts) for (const budget of host.claims) limits[budget] = LIMITS[budget.slice(0, budget.indexOf(':'))] as number;
  const plan: SimPlan['plan'] = {
    job: 'reboot',
    params: {},
    expression: '@all',
    mode: 'do',
    risk,
    containment,
    safe,
    compare: false,
    rings,
    waves: wave,
    limits,
    pace: { first, soakCanary: 10 * MINUTE, soakWave: 2 * MINUTE },
    thresholds: { lost: defaults['halt.lost'], failed: defaults['halt.failed'], unverified: defaults['halt.unverified'] },
    ...(chance.odds(0.25) && { startAt: NOON + chance.int(1, 240) * MINUTE }),
  };
  // Each opening has room for the slowest class.
  const opening = () => ({ from: chance.int(0, 20) * HOUR, until: 0 });
  const windows = { bne: opening(), mel: opening() };
  for (const one of Object.values(windows)) one.until = one.from + chance.int(1, 3) * HOUR;
  return { id, plan, by: 'ada', hosts, ...(chance.odds(0.25) && { windows }) };
}
