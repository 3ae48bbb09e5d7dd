import type { ChangeJob } from '../jobs.ts';
import type { Phase, Plan } from '../rollout/shapes.ts';
import type { Tx } from '../store/db.ts';
import { putOut } from '../store/outbox.ts';
import { type HostRow, intentOf, type RunRow } from './rows.ts';
import { takeSlots } from './slots.ts';
import { tellPlanner } from './tell-planner.ts';

/** Hosts of one piece of work where a run goes to all at once; where it goes by the few, each host is a piece of its own. */
const CHUNK = 50;

/** Hosts begin: their slots and intents are rows, and their first step is work, in the transaction that decided so. `phase`: where one goes on. */
export async function startHosts(tx: Tx, run: RunRow, job: ChangeJob, hosts: readonly string[], at: number, phase = phasesOf(job, run.plan)[0]): Promise<void> {
  if (hosts.length === 0) return;
  const rows = await tx.query<HostRow>(
    `update run_hosts set state = 'going', phase = $3, rev = rev + 1, started = coalesce(started, $4), phase_since = $4, waiting_for = null, due = null
     where run = $1 and host = any ($2) and state = 'waiting' returning *`,
    [run.id, hosts, phase, new Date(at)],
  );
  await takeSlots(
    tx,
    run.id,
    rows.map((row) => ({ host: row.host, intent: intentOf(row), budgets: row.planned.claims })),
    at,
  );
  await tellPlanner(tx, rows.length);
  await putOut(
    tx,
    'step',
    refsOf(
      run.id,
      rows.map((row) => row.position).sort((a, b) => a - b),
      run.plan.pace.unbounded ? CHUNK : 1,
    ),
    run.plan.safe ? 'read' : run.plan.risk,
  );
}

/** The steps of a job in this run, in order. */
export function phasesOf(job: ChangeJob, plan: Pick<Plan, 'mode' | 'compare'>): Phase[] {
  if (plan.mode === 'undo') return ['undo'];
  return [
    ...(plan.compare ? (['baseline'] as const) : []),
    ...(job.prepare ? (['prepare'] as const) : []),
    'act',
    ...(job.verify ? (['verify'] as const) : []),
    ...(plan.compare ? (['compare'] as const) : []),
    ...(job.settle ? (['settle'] as const) : []),
  ];
}

/** `R1/12` for one host, `R1/10-59` for a piece of many. */
function refsOf(run: string, positions: readonly number[], most: number): string[] {
  if (most === 1) return positions.map((position) => `${run}/${position}`);
  const refs: string[] = [];
  for (let n = 0; n < positions.length; n += most) refs.push(`${run}/${positions[n]}-${positions[Math.min(n + most, positions.length) - 1]}`);
  return refs;
}

export function readRef(ref: string): { run: string; from: number; to: number } {
  const [, run, from, to] = /^([^/]+)\/(\d+)(?:-(\d+))?$/.exec(ref) as unknown as [string, string, string, string | undefined];
  return { run, from: Number(from), to: Number(to ?? from) };
}
