import type { Plan, Prediction } from '../rollout/shapes.ts';
import type { ShownRun } from './load.ts';
import type { RunRow } from './rows.ts';

/** A plan that is only looked at, as the card and the document of a run see one: it has no id and waits for nothing. */
export function shownPlan(plan: Plan, prediction: Prediction, asked: { by: string; because?: string; at: number; hash: string }): ShownRun & { run: RunRow } {
  const { hosts, ...rest } = plan;
  const size = hosts.filter(({ wave }) => wave !== undefined).length;
  return {
    run: {
      id: 'plan',
      job: plan.job,
      state: 'planned',
      rev: 1,
      plan: rest,
      hash: asked.hash,
      prediction,
      by: asked.by,
      owner: asked.by,
      place: {},
      because: asked.because ?? null,
      size,
      wave: 0,
      approvals: {},
      forgiven: {},
      said: [],
      at_once: null,
      waiting: null,
      halted: null,
      incident: null,
      planned_at: new Date(asked.at),
      asked_at: null,
      due: plan.startAt === undefined ? null : new Date(plan.startAt),
      begun_at: null,
      wave_ended: null,
      ring_ended: null,
      ended: null,
    },
    counts: hosts.length > size ? { skipped: hosts.length - size } : {},
    open: [],
    exceptions: [],
    next: hosts.filter(({ wave }) => wave === 0).map(({ host }) => host),
    plan,
  };
}

/** As the document of a run sees its hosts before any of them was begun. */
export const plannedHosts = (plan: Plan): import('./json.ts').JsonHost[] =>
  plan.hosts.map(({ host, ring, wave, skip }) => ({
    host,
    ring,
    wave: wave ?? null,
    state: 'waiting',
    outcome: null,
    detail: null,
    boot_before: null,
    boot_after: null,
    started: null,
    ended: null,
    skip: skip ?? null,
  }));
