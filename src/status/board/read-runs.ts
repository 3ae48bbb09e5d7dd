import { subject } from '../../runs/card-words.ts';
import { goingLines, illLines, inFlight } from '../../runs/host-lines.ts';
import { loadRun } from '../../runs/load.ts';
import { remaining } from '../../runs/remaining.ts';
import type { RunRow } from '../../runs/rows.ts';
import type { Queries } from '../../store/db.ts';

/** A run as the board shows it. */
export interface BoardRun {
  id: string;
  what: string;
  state: RunRow['state'];
  by: string;
  owner: string;
  because: string | null;
  size: number;
  waiting: RunRow['waiting'];
  halted: string | null;
  begun: number | undefined;
  /** Domain ms that are left, where that can be said. */
  left: number | undefined;
  /** One letter a host, in the order of the plan: the keys of CELLS. */
  cells: string;
  /** Whose letters these are. */
  names: readonly string[];
  going: number;
  /** What did not end well and what takes longest, as lines. */
  lines: string[];
}

/** What a letter of `cells` stands for; what is shown is told apart by its sign as well as by its colour. */
export const CELLS = {
  o: { says: 'ok', sign: '✓', tone: 'good' },
  a: { says: 'already so', sign: '=', tone: 'good' },
  g: { says: 'in flight', sign: '▶', tone: 'busy' },
  w: { says: 'not started', sign: '·', tone: 'soft' },
  s: { says: 'skipped', sign: '–', tone: 'soft' },
  l: { says: 'lost', sign: '!', tone: 'bad' },
  f: { says: 'failed', sign: '✗', tone: 'bad' },
  u: { says: 'unverified', sign: '?', tone: 'attention' },
  h: { says: 'held', sign: '‖', tone: 'attention' },
} as const;
export type Cell = keyof typeof CELLS;

/** Runs that are open, so many at most; and how long one that is over stays, domain ms. */
const MOST = 12;
const STAYS = 30 * 60_000;

/**
 * Runs that are open and those that ended lately; what somebody has to decide about first. `names` keeps whose letters they are from one
 * reading to the next (a plan is frozen), for these runs and no others.
 */
export async function readRuns(db: Queries, now: number, names: Map<string, string[]>): Promise<BoardRun[]> {
  const rows = await db.query<RunRow>(
    `select * from runs where state in ('planned', 'running', 'halted') or (state in ('done', 'cancelled') and ended > $1)
     order by array_position(array['halted', 'running', 'planned', 'done', 'cancelled'], state), planned_at desc limit ${MOST}`,
    [new Date(now - STAYS)],
  );
  const ids = rows.map(({ id }) => id);
  for (const id of names.keys()) if (!ids.includes(id)) names.delete(id);
  const cells = await cellsOf(db, ids);
  const runs: BoardRun[] = [];
  for (const row of rows) {
    const own = cells.get(row.id) ?? '';
    const known = names.get(row.id) ?? (await namesOf(db, row.id));
    names.set(row.id, known);
    const live = row.state === 'running' || row.state === 'halted' ? await loadRun(db, row.id) : undefined;
    const done = [...own].filter((cell) => cell !== 'w' && cell !== 'g' && cell !== 's').length;
    runs.push({
      id: row.id,
      what: subject(row, 80),
      state: row.state,
      by: row.by,
      owner: row.owner,
      because: row.because,
      size: row.size,
      waiting: row.waiting,
      halted: row.state === 'halted' ? (row.halted?.because ?? null) : null,
      begun: row.begun_at?.getTime(),
      left: row.state === 'running' ? remaining(row, done, now) : undefined,
      cells: own,
      names: known,
      going: live ? inFlight(live) : 0,
      lines: live ? [...illLines(live, 6), ...goingLines(live, now)] : [],
    });
  }
  return runs;
}

/** A host is a letter made where it lies: 5,000 of them are 5 kB and not 5,000 rows. */
async function cellsOf(db: Queries, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await db.query<{ run: string; cells: string }>(
    `select run, string_agg(case when state = 'going' then 'g' when outcome is null then 'w' else left(outcome, 1) end, '' order by position) as cells
     from run_hosts where run = any ($1::text[]) group by run`,
    [ids],
  );
  return new Map(rows.map(({ run, cells }) => [run, cells]));
}

async function namesOf(db: Queries, run: string): Promise<string[]> {
  const [row] = await db.query<{ names: string[] | null }>(`select jsonb_agg(host order by position) as names from run_hosts where run = $1`, [run]);
  return row?.names ?? [];
}
