import type { Line } from '../chat/command.ts';
import { hashPlan } from '../rollout/hash.ts';
import type { Plan, Prediction } from '../rollout/shapes.ts';
import type { Tx } from '../store/db.ts';
import { toJsonb } from '../store/json.ts';
import type { HostRow } from './rows.ts';
import { tellPlanner } from './tell-planner.ts';

/** Writes a run in state `planned`, its hosts as rows of their own, in two statements whatever its size. Answers the plan's hash. */
export async function writePlan(
  tx: Tx,
  run: { id: string; plan: Plan; prediction: Prediction; line: Line; because?: string; memories?: ReadonlyMap<string, Record<string, unknown>> },
): Promise<string> {
  const hash = hashPlan(run.plan);
  const { hosts, ...rest } = run.plan;
  const plan = { ...rest, limits: several(rest.limits) };
  const at = new Date(run.line.at);
  const rows = hosts.map(({ host, ring, ...planned }, position) => ({
    host,
    ring,
    wave: planned.wave ?? null,
    position,
    planned,
    memory: run.memories?.get(host) ?? {},
  }));
  const skipped = rows.filter((row) => row.wave === null);
  await tx.query(
    `insert into runs (id, job, plan, hash, prediction, by, owner, place, because, size, planned_at, due) values ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10, $11)`,
    [
      run.id,
      plan.job,
      toJsonb(plan),
      hash,
      toJsonb(run.prediction),
      run.line.actor.name,
      toJsonb(run.line.place),
      run.because ?? null,
      rows.length - skipped.length,
      at,
      plan.startAt === undefined ? null : new Date(plan.startAt),
    ],
  );
  await tx.query(
    `insert into run_hosts (run, host, stamp, position, ring, wave, planned, memory, state, outcome, detail, finished)
     select $1, host, $4, position, ring, wave, planned, memory, case when wave is null then 'ended' else 'waiting' end, case when wave is null then 'skipped' end,
       case when wave is null then concat(planned -> 'skip' ->> 'rule', ': ', planned -> 'skip' ->> 'because') end, case when wave is null then $3::timestamptz end
     from jsonb_to_recordset($2::jsonb) as h (host text, position int, ring int, wave int, planned jsonb, memory jsonb)`,
    [run.id, toJsonb(rows), at, run.line.at.toString(36)],
  );
  await tellPlanner(tx, rows.length);
  if (skipped.length > 0) await tx.query(`insert into run_counts (run, outcome, hosts) values ($1, 'skipped', $2)`, [run.id, skipped.length]);
  return hash;
}

/**
 * Most budgets of a large fleet have one place, which is what one has that is not named. Each host says what it claims; a run is read
 * with every step of every host, and must not name them all again.
 */
function several(limits: Plan['limits']): Plan['limits'] {
  return Object.fromEntries(Object.entries(limits).filter(([budget, most]) => most !== 1 || budget.startsWith('run:')));
}

/** The plan as it was frozen, put together again from its rows; its hash proves it. */
export function planFrom(plan: Omit<Plan, 'hosts'>, rows: readonly Pick<HostRow, 'host' | 'ring' | 'planned'>[]): Plan {
  const claimed = Object.fromEntries(rows.flatMap(({ planned }) => planned.claims.map((budget) => [budget, 1])));
  return { ...plan, limits: { ...claimed, ...plan.limits }, hosts: rows.map(({ host, ring, planned }) => ({ host, ring, ...planned })) };
}
