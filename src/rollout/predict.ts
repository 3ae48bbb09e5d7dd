import type { Defaults } from '../config/defaults.ts';
import type { Foreseen } from '../jobs.ts';
import { sayDuration } from '../lib/duration.ts';
import type { Plan, Prediction } from './shapes.ts';

export interface Past {
  /** Class of host → how long past doings of this job took, domain ms, in any order. */
  history: Readonly<Record<string, readonly number[]>>;
  /** Host → what its job thinks, without history. */
  estimates: ReadonlyMap<string, Foreseen['estimate']>;
  defaults: Defaults;
}

type Spread = { p50: number; p95: number; from: number };

/**
 * How long a run takes: waves one after the other, each as long as its slowest class, with what is watched between them. What people
 * take to approve, days between rings and closed windows are not in it.
 */
export function predict(plan: Pick<Plan, 'hosts' | 'rings' | 'waves' | 'pace' | 'risk'>, past: Past): Prediction {
  const going = plan.hosts.filter(({ wave }) => wave !== undefined);
  const estimates = new Map<string, { p50: number; p95: number }>();
  for (const { host, class: kind } of going) {
    const said = past.estimates.get(host);
    const most = estimates.get(kind);
    if (said) estimates.set(kind, { p50: Math.max(most?.p50 ?? 0, said.p50), p95: Math.max(most?.p95 ?? 0, said.p95) });
  }
  const host: Record<string, Spread> = {};
  for (const kind of new Set(going.map((one) => one.class))) host[kind] = spreadOf(past.history[kind] ?? [], estimates.get(kind) ?? { p50: 0, p95: 0 });

  const slowest = Array.from({ length: plan.waves }, () => ({ p50: 0, p95: 0 }));
  for (const { wave, class: kind } of going) {
    const [at, one] = [slowest[wave as number], host[kind]];
    if (!at || !one) continue;
    at.p50 = Math.max(at.p50, one.p50);
    at.p95 = Math.max(at.p95, one.p95);
  }
  const soaks = soaksOf(plan);
  const sum = (key: 'p50' | 'p95'): number => slowest.reduce((total, one, at) => total + one[key] + (soaks[at] as number), 0);
  const least = plan.risk === 'disrupt' ? past.defaults['reboot.predicted_least'] : 0;
  return {
    p50: Math.max(sum('p50'), least),
    p95: Math.max(sum('p95'), least),
    basis: sayBasis(
      host,
      going.some(({ needsMb = 0 }) => needsMb > 0),
      least,
    ),
    host,
  };
}

/** What is waited after each wave, from the first; nothing after the last of a ring, where days are waited or nothing. */
export function soaksOf({ rings, waves, pace }: Pick<Plan, 'rings' | 'waves' | 'pace'>): number[] {
  const first = new Set(pace.first.length > 0 ? rings.map(({ firstWave }) => firstWave) : []);
  const last = new Set(rings.map(({ lastWave }) => lastWave));
  return Array.from({ length: waves }, (_, wave) => (last.has(wave) ? 0 : first.has(wave) ? pace.soakCanary : pace.soakWave));
}

/** From so many on, the past speaks alone; below, the slowest it has seen is no p95 and the estimate bounds it. */
const ENOUGH = 5;

function spreadOf(past: readonly number[], estimate: { p50: number; p95: number }): Spread {
  if (past.length === 0) return { ...estimate, from: 0 };
  const sorted = [...past].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] as number;
  const p95 = past.length < ENOUGH ? Math.max(at(0.95), estimate.p95) : at(0.95);
  return { p50: at(0.5), p95, from: past.length };
}

/** `11 runs of this class; evacuation included; floor 15 min` */
function sayBasis(host: Record<string, Spread>, evacuates: boolean, least: number): string {
  const kinds = Object.entries(host);
  const one = kinds.length === 1;
  const parts = kinds.map(([kind, { from }]) => {
    const of = one ? 'this class' : kind;
    return from === 0 ? `estimated${one ? ', never done before' : ` for ${kind}`}` : `${from === 1 ? '1 run' : `${from} runs`} of ${of}`;
  });
  return [...parts, ...(evacuates ? ['evacuation included'] : []), ...(least > 0 ? [`floor ${sayDuration(least)}`] : [])].join('; ');
}
