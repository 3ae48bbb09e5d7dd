import { type Defaults, defaultsOf } from '../../src/config/defaults.ts';
import type { HostView, Plan, RunView, World } from '../../src/rollout/shapes.ts';

/** A Friday. */
export const NOON = Date.parse('2026-11-20T12:00:00Z');

export const defaults: Defaults = defaultsOf({ defaults: {}, ssh: {} });

/** A host that waits for its turn, of class `vm`. */
export function host(name: string, wave = 0, more: Partial<HostView> = {}): HostView {
  return { host: name, wave, state: 'waiting', claims: ['run:R1'], class: 'vm', ...more };
}

export const ended = (name: string, outcome: HostView['outcome'], wave = 0): HostView =>
  host(name, wave, { state: 'ended', started: NOON - 60_000, finished: NOON, ...(outcome && { outcome }) });

/** A run of one ring that needs nobody's approval, planned a minute ago. */
export function run(more: Omit<Partial<RunView>, 'plan'> & { waves?: number; plan?: Partial<Plan> } = {}): RunView {
  const { waves = 1, plan, ...rest } = more;
  return {
    id: 'R1',
    state: 'planned',
    by: 'ada',
    size: 1,
    wave: 0,
    counts: {},
    forgiven: {},
    hosts: [host('kvm01')],
    approvals: {},
    plannedAt: NOON - 60_000,
    prediction: { p50: 60_000, p95: 120_000, basis: 'floor', host: { vm: { p50: 60_000, p95: 120_000, from: 0 } } },
    said: [],
    ...rest,
    plan: {
      job: 'reboot',
      params: {},
      expression: '@kvm',
      mode: 'do',
      risk: 'disrupt',
      containment: false,
      safe: false,
      compare: true,
      rings: [{ name: '', firstWave: 0, lastWave: waves - 1, approval: [], soakBefore: 0, workingMorning: false }],
      waves,
      limits: { 'run:R1': 2 },
      pace: { first: [1], soakCanary: 10 * 60_000, soakWave: 2 * 60_000 },
      thresholds: { lost: 1, failed: 2, unverified: 3 },
      ...plan,
    },
  };
}

export function world(more: Partial<World> = {}): World {
  return { now: NOON, held: [], incidents: [], windows: {}, freeMb: {}, poolOf: {}, excluded: {}, zone: 'UTC', defaults, ...more };
}
