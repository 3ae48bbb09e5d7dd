import type { Queries } from '../store/db.ts';
import type { HostRow, RunRow } from './rows.ts';

/** The stable document of a run (docs/json.md): each host once, flat, in the order of the plan, times ISO. */
export interface RunJson {
  id: string;
  state: RunRow['state'];
  job: string;
  target: string;
  by: string;
  because: string | null;
  mode: 'do' | 'undo';
  of: string | null;
  risk: 'change' | 'disrupt';
  hash: string;
  planned: string;
  begun: string | null;
  ended: string | null;
  /** Predicted domain seconds. */
  said: { p50: number; p95: number };
  approvals: { ring: number; by: string; at: string; break_glass: boolean }[];
  waiting: { for: string; because: string; until: string | null } | null;
  halted: { reason: string; by: string; because: string; at: string } | null;
  incident: string | null;
  limits: Record<string, number>;
  counts: Record<string, number>;
  hosts: RunHostJson[];
}

export interface RunHostJson {
  host: string;
  /** `not started` before its turn, null while in flight. */
  outcome: string | null;
  wave: number | null;
  ring: string;
  started: string | null;
  /** When its slots were given back. */
  ended: string | null;
  boot_before: string | null;
  boot_after: string | null;
  detail: string | null;
  /** What a script printed last. */
  output?: string;
  /** The rule that left it out. */
  rule: string | null;
}

export type JsonHost = Pick<HostRow, 'host' | 'ring' | 'wave' | 'state' | 'outcome' | 'detail' | 'boot_before' | 'boot_after' | 'started' | 'ended'> & {
  skip: { rule: string; because: string } | null;
  output?: string | null;
};

/** Every host of a run, without what only the engine needs. */
export const jsonHosts = (db: Queries, id: string): Promise<JsonHost[]> =>
  db.query(
    `select host, ring, wave, state, outcome, detail, boot_before, boot_after, started, ended, planned -> 'skip' as skip, memory ->> 'output' as output
     from run_hosts where run = $1 order by position`,
    [id],
  );

/** Every budget that its hosts claim; the run's row names only those of several places. */
export async function jsonLimits(db: Queries, { id, plan }: Pick<RunRow, 'id' | 'plan'>): Promise<Record<string, number>> {
  const rows = await db.query<{ budget: string }>(
    `select distinct jsonb_array_elements_text(planned -> 'claims') as budget from run_hosts where run = $1 order by budget`,
    [id],
  );
  return { ...Object.fromEntries(rows.map(({ budget }) => [budget, 1])), ...plan.limits };
}

export function runJson(run: RunRow, hosts: readonly JsonHost[], counts: Partial<Record<string, number>>): RunJson {
  const { plan, prediction, waiting, halted } = run;
  return {
    id: run.id,
    state: run.state,
    job: run.job,
    target: plan.expression,
    by: run.by,
    because: run.because,
    mode: plan.mode,
    of: plan.of ?? null,
    risk: plan.risk,
    hash: run.hash,
    planned: run.planned_at.toISOString(),
    begun: iso(run.begun_at),
    ended: iso(run.ended),
    said: { p50: Math.round(prediction.p50 / 1000), p95: Math.round(prediction.p95 / 1000) },
    approvals: Object.entries(run.approvals).map(([ring, { by, at, breakGlass }]) => ({
      ring: Number(ring),
      by,
      at: new Date(at).toISOString(),
      break_glass: breakGlass === true,
    })),
    waiting: waiting && { for: waiting.for, because: waiting.because, until: waiting.until === undefined ? null : new Date(waiting.until).toISOString() },
    halted: halted ? { ...halted, at: new Date(halted.at).toISOString() } : null,
    incident: run.incident,
    limits: plan.limits,
    counts: counts as Record<string, number>,
    hosts: hosts.map((host) => hostJson(host, plan.rings)),
  };
}

function hostJson(row: JsonHost, rings: RunRow['plan']['rings']): RunHostJson {
  return {
    host: row.host,
    outcome: row.skip ? 'skipped' : (row.outcome ?? (row.state === 'waiting' ? 'not started' : null)),
    wave: row.wave,
    ring: rings[row.ring]?.name ?? '',
    started: iso(row.started),
    ended: iso(row.ended),
    boot_before: row.boot_before,
    boot_after: row.boot_after,
    detail: row.detail ?? row.skip?.because ?? null,
    ...(row.output && { output: row.output }),
    rule: row.skip?.rule ?? null,
  };
}

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;
