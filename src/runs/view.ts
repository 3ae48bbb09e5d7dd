import type { RunView } from '../rollout/shapes.ts';
import type { Queries } from '../store/db.ts';
import type { HostRow, RunRow } from './rows.ts';

/**
 * A run as `decide` sees it: of its wave the hosts that wait and those that did not end well, and of any wave those in flight or
 * still holding slots. Of all that ended well one stands for the others: that the wave was begun. Never more than that, whatever
 * the size of the run or of its wave.
 */
export async function viewOf(db: Queries, run: RunRow): Promise<RunView> {
  const hosts = await db.query<HostRow>(
    `select ${COLUMNS} from run_hosts where run = $1 and wave = $2 and state = 'waiting'
     union all
     select ${COLUMNS} from run_hosts where run = $1 and (state = 'going' or (state = 'ended' and started is not null and ended is null))
     union all
     select ${COLUMNS} from run_hosts
     where run = $1 and wave = $2 and outcome in ('lost', 'failed', 'held', 'unverified') and (started is null or ended is not null)
     union all
     (select ${COLUMNS} from run_hosts where run = $1 and wave = $2 and outcome in ('ok', 'already') and started is not null limit 1)
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

/** Without what was seen of them, which is long and decides nothing. */
const COLUMNS = `host, wave, position, state, outcome, phase, started, finished, planned,
  case when memory ? 'takenUp' then jsonb_build_object('takenUp', memory -> 'takenUp') else '{}' end as memory`;

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
    // What a person had it wait for does not count as slow.
    ...(row.started && { started: Math.max(row.started.getTime(), Number(row.memory.takenUp ?? 0)) }),
    ...(row.finished && { finished: row.finished.getTime() }),
  };
}
