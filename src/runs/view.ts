import type { RunView } from '../rollout/shapes.ts';
import type { Queries } from '../store/db.ts';
import type { HostRow, RunRow } from './rows.ts';

/**
 * A run as `decide` sees it: the hosts of its wave, and of earlier waves those in flight or still holding slots. Never more
 * than that, whatever the size of the run.
 */
export async function viewOf(db: Queries, run: RunRow): Promise<RunView> {
  const hosts = await db.query<HostRow>(
    `select * from run_hosts where run = $1 and wave = $2
     union all
     select * from run_hosts where run = $1 and wave is distinct from $2 and (state = 'going' or (state = 'ended' and started is not null and ended is null))
     order by position`,
    [run.id, run.wave],
  );
  const counts = await db.query<{ outcome: string; hosts: number }>(`select outcome, hosts from run_counts where run = $1`, [run.id]);
  return {
    id: run.id,
    state: run.state,
    plan: run.plan,
    by: run.by,
    size: run.size,
    wave: run.wave,
    counts: Object.fromEntries(counts.map(({ outcome, hosts }) => [outcome, hosts])),
    forgiven: run.forgiven,
    hosts: hosts.map(hostView),
    approvals: run.approvals,
    plannedAt: run.planned_at.getTime(),
    prediction: run.prediction,
    said: run.said,
    ...(run.wave_ended && { waveEnded: run.wave_ended.getTime() }),
    ...(run.ring_ended && { ringEnded: run.ring_ended.getTime() }),
    hash: run.hash,
    ...(run.asked_at && { askedAt: run.asked_at.getTime() }),
    ...(run.due && { due: run.due.getTime() }),
    ...(run.begun_at && { begunAt: run.begun_at.getTime() }),
    ...(run.at_once !== null && { atOnce: run.at_once }),
    ...(run.halted && { halted: run.halted }),
  };
}

function hostView(row: HostRow): RunView['hosts'][number] {
  return {
    host: row.host,
    wave: row.wave ?? 0,
    state: row.state,
    claims: row.planned.claims,
    class: row.planned.class,
    ...(row.outcome && { outcome: row.outcome }),
    ...(row.phase && { phase: row.phase }),
    ...(row.planned.needsMb !== undefined && { needsMb: row.planned.needsMb }),
    ...(row.started && { started: row.started.getTime() }),
    ...(row.finished && { finished: row.finished.getTime() }),
  };
}
