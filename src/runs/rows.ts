import type { Facts } from '../fleet/host.ts';
import type { HostOutcome, Memory } from '../jobs.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Phase, Plan, PlannedHost, Prediction, RunState, RunView } from '../rollout/shapes.ts';
import type { Queries } from '../store/db.ts';

/** A row of `runs`. The plan is without its hosts, which are rows of `run_hosts`, and names only budgets of several places. */
export interface RunRow {
  id: string;
  job: string;
  state: RunState;
  rev: number;
  plan: Omit<Plan, 'hosts'>;
  hash: string;
  prediction: Prediction;
  by: string;
  owner: string;
  place: Record<string, unknown>;
  because: string | null;
  size: number;
  wave: number;
  approvals: RunView['approvals'];
  forgiven: RunView['forgiven'];
  said: string[];
  at_once: number | null;
  waiting: { for: string; because: string; until?: number } | null;
  halted: RunView['halted'] | null;
  incident: string | null;
  planned_at: Date;
  asked_at: Date | null;
  due: Date | null;
  begun_at: Date | null;
  wave_ended: Date | null;
  ring_ended: Date | null;
  ended: Date | null;
}

/** A row of `run_hosts`. */
export interface HostRow {
  run: string;
  host: string;
  position: number;
  ring: number;
  wave: number | null;
  /** As frozen; `wave` above moves when a host is tried again. */
  planned: Omit<PlannedHost, 'host' | 'ring'>;
  state: 'waiting' | 'going' | 'ended';
  rev: number;
  phase: Phase | null;
  try: number;
  stamp: string;
  outcome: HostOutcome | 'skipped' | null;
  detail: string | null;
  waiting_for: string | null;
  due: Date | null;
  memory: Memory;
  baseline: Facts | null;
  boot_before: string | null;
  boot_after: string | null;
  started: Date | null;
  phase_since: Date | null;
  finished: Date | null;
  ended: Date | null;
}

export async function runRow(db: Queries, id: string, lock = ''): Promise<RunRow | undefined> {
  const [row] = await db.query<RunRow>(`select * from runs where id = $1 ${lock}`, [id]);
  return row;
}

/** Throws Refusal where there is none of that name. */
export async function runNamed(db: Queries, id: string, lock = ''): Promise<RunRow> {
  const row = await runRow(db, id, lock);
  if (!row) throw new Refusal(`There is no ${id}. "show runs" lists what there is.`);
  return row;
}

/** The run a person means who names none: the only one that fits. Throws Refusal with all that fit, never a guess. */
export async function onlyRun(db: Queries, states: readonly RunState[], verb: string): Promise<string> {
  const rows = await db.query<{ id: string; job: string; state: string; plan: { expression: string } }>(
    `select id, job, state, plan from runs where state = any ($1) order by planned_at`,
    [states],
  );
  if (rows.length === 1 && rows[0]) return rows[0].id;
  if (rows.length === 0) throw new Refusal(`No run is there to ${verb}. "show runs" lists what there is.`);
  throw new Refusal(
    `Which one? ${rows.map(({ id, job, state, plan }) => `"${verb} ${id}" (${job} ${plan.expression}, ${state})`).join(', ')}. Nothing was done.`,
  );
}

/**
 * What one doing of a job to a host is called: `R1-kvm01-1-m8x2k4f0`. The host remembers it and refuses the second; its moment
 * keeps it apart from the R1 of a database of before.
 */
export const intentOf = (host: { run: string; host: string; try: number; stamp: string }): string =>
  `${host.run}-${host.host.replace(/[^A-Za-z0-9._-]/g, '_')}-${host.try}-${host.stamp}`;
