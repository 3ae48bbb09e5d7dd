import type { HostOutcome } from '../jobs.ts';
import type { OutcomeTable } from '../rollout/outcome-table.ts';
import type { Plan, RunState } from '../rollout/shapes.ts';
import type { Queries } from '../store/db.ts';
import { type HostRow, type RunRow, runRow } from './rows.ts';

/** A run as people are shown it. What it costs to load grows with what is in flight and what went wrong, not with the fleet. */
export interface ShownRun {
  run: RunRow;
  counts: Partial<Record<HostOutcome | 'skipped', number>>;
  /** In flight, the longest first, and ended ones whose slots are still held. */
  open: ShownHost[];
  /** How many are in flight, where they are more than stand in `open`. */
  inFlight?: number;
  /** Did not end well, the gravest first; `counts` knows how many there are. */
  exceptions: ShownHost[];
  /** Who goes next: what waits in this wave, else the wave after it. */
  next: string[];
  /** What happened to it last, and through whom. */
  last?: { type: string; by: string; at: Date; data: Record<string, unknown> };
  /** While it is planned: every host. */
  plan?: Plan;
  /** Once it is over: every host that was begun. */
  done?: DoneHost[];
  /** Where it rests and some of it failed: what those share. */
  outcomes?: OutcomeTable;
}

export type ShownHost = Pick<HostRow, 'host' | 'wave' | 'state' | 'phase' | 'outcome' | 'detail' | 'waiting_for' | 'started' | 'finished' | 'ended'> & {
  class: string;
  does: string;
};

export type DoneHost = Pick<HostRow, 'host' | 'outcome' | 'started' | 'finished' | 'ended' | 'boot_before' | 'boot_after'> & {
  detail?: string | null;
  /** What differed after, in words; null = nobody compared. */
  differences: string[] | null;
};

/** Hosts of each kind that a person is shown one by one. */
const MOST = 60;
const OVER: readonly RunState[] = ['done', 'cancelled', 'expired'];
const ILL = ['lost', 'failed', 'held', 'unverified'] as const satisfies readonly HostOutcome[];

/** Absent where there is no such run. */
export async function loadRun(db: Queries, id: string): Promise<ShownRun | undefined> {
  const run = await runRow(db, id);
  if (!run) return undefined;
  const counted = await db.query<{ outcome: string; hosts: number }>(`select outcome, hosts from run_counts where run = $1`, [id]);
  const counts: ShownRun['counts'] = Object.fromEntries(counted.filter(({ hosts }) => hosts > 0).map(({ outcome, hosts }) => [outcome, hosts]));
  const over = OVER.includes(run.state);
  const open = await openHosts(db, id);
  const [last] = await db.query<NonNullable<ShownRun['last']>>(`select type, by, at, data from events where thing = $1 order by rev desc limit 1`, [id]);
  return {
    run,
    counts,
    open,
    ...(open.length === MOST && { inFlight: await countGoing(db, id) }),
    exceptions: ILL.some((outcome) => counts[outcome]) ? await illHosts(db, id) : [],
    next: over ? [] : await nextHosts(db, run),
    ...(last && { last }),
    ...(run.state === 'planned' && { plan: await wholePlan(db, run) }),
    ...(over && { done: await doneHosts(db, id) }),
  };
}

// What waited for a person did not take long by itself.
const COLUMNS = `host, wave, state, phase, outcome, detail, waiting_for, greatest(started, to_timestamp((memory ->> 'takenUp')::float8 / 1000)) as started, finished, ended, planned ->> 'class' as class, planned ->> 'does' as does`;

const openHosts = (db: Queries, id: string): Promise<ShownHost[]> =>
  db.query(
    `select ${COLUMNS} from run_hosts
     where run = $1 and (state = 'going' or (state = 'ended' and started is not null and ended is null)) order by state = 'going' desc, started, position limit ${MOST}`,
    [id],
  );

async function countGoing(db: Queries, id: string): Promise<number> {
  const [row] = await db.query<{ going: number }>(`select count(*)::int as going from run_hosts where run = $1 and state = 'going'`, [id]);
  return row?.going ?? 0;
}

const illHosts = (db: Queries, id: string): Promise<ShownHost[]> =>
  db.query(
    `select ${COLUMNS} from run_hosts where run = $1 and outcome in ('lost', 'failed', 'held', 'unverified')
     order by array_position(array['lost', 'failed', 'held', 'unverified'], outcome), position limit ${MOST}`,
    [id],
  );

async function nextHosts(db: Queries, { id, wave }: RunRow): Promise<string[]> {
  const rows = await db.query<{ host: string }>(
    `select host from run_hosts where run = $1 and state = 'waiting'
     and wave = (select min(wave) from run_hosts where run = $1 and state = 'waiting' and wave >= $2) order by position limit ${MOST}`,
    [id, wave],
  );
  return rows.map(({ host }) => host);
}

async function wholePlan(db: Queries, run: RunRow): Promise<Plan> {
  const rows = await db.query<Pick<HostRow, 'host' | 'ring' | 'wave' | 'planned'>>(
    `select host, ring, wave, planned from run_hosts where run = $1 order by position`,
    [run.id],
  );
  return { ...run.plan, hosts: rows.map(({ host, ring, wave, planned }) => ({ ...planned, host, ring, ...(wave !== null && { wave }) })) };
}

const doneHosts = (db: Queries, id: string): Promise<DoneHost[]> =>
  db.query(
    `select host, outcome, detail, started, finished, ended, boot_before, boot_after, memory -> 'differences' as differences
     from run_hosts where run = $1 and started is not null order by position`,
    [id],
  );
