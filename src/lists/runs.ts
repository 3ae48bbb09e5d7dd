import { subject } from '../runs/card-words.ts';
import { clip } from '../runs/host-lines.ts';
import type { RunRow } from '../runs/rows.ts';
import type { Queries } from '../store/db.ts';
import type { Listed } from './listed.ts';

/** Those that are over are history; the latest are enough. */
const MOST = 100;
/** Rows on a card. */
const SHOWN = 20;

type Row = Pick<RunRow, 'id' | 'job' | 'state' | 'plan' | 'by' | 'owner' | 'size' | 'waiting' | 'halted' | 'planned_at' | 'begun_at' | 'ended'> & {
  counts: Record<string, number>;
  last: string | null;
  at: Date | null;
};

/** `show runs`: what somebody has to decide about first, then what goes, what waits, and what is over. */
export async function runsListed(db: Queries): Promise<Listed> {
  const rows = await db.query<Row>(
    `select r.id, job, state, plan, r.by, owner, size, waiting, halted, planned_at, begun_at, ended, e.type as last, e.at,
            coalesce((select jsonb_object_agg(outcome, hosts) from run_counts where run = r.id and hosts > 0), '{}') as counts
     from runs r left join lateral (select type, at from events where thing = r.id order by rev desc limit 1) e on true
     order by array_position(array['halted', 'running', 'planned'], state), planned_at desc limit ${MOST}`,
  );
  const open = rows.filter(({ state }) => OPEN.has(state));
  return {
    card: {
      title:
        rows.length === 0 ? 'There are no runs.' : open.length === 0 ? 'No run is open.' : `${open.length} ${open.length === 1 ? 'run is' : 'runs are'} open`,
      ...(open.some(({ state }) => state === 'halted') && { tone: 'bad' as const }),
      ...(rows.length > 0 && { table: { columns: ['id', 'what', 'state', 'done', 'waits for'], rows: rows.slice(0, SHOWN).map(toCells) } }),
      ...(rows.length > SHOWN && { body: [`${rows.length - SHOWN} older ones: show runs --json`] }),
    },
    json: {
      runs: rows.map((row) => ({
        id: row.id,
        state: row.state,
        job: row.job,
        target: row.plan.expression,
        by: row.by,
        owner: row.owner,
        hosts: row.size,
        counts: row.counts,
        waiting: row.waiting && { for: row.waiting.for, because: row.waiting.because },
        planned: row.planned_at.toISOString(),
        begun: row.begun_at?.toISOString() ?? null,
        ended: row.ended?.toISOString() ?? null,
        last: row.last,
        at: row.at?.toISOString() ?? null,
      })),
    },
  };
}

const OPEN: ReadonlySet<string> = new Set(['halted', 'running', 'planned']);

function toCells(row: Row): string[] {
  const { skipped: _, ...counts } = row.counts;
  const done = Object.values(counts).reduce((sum, hosts) => sum + hosts, 0);
  const waits = row.state === 'halted' ? `a person: ${row.halted?.because ?? ''}` : OPEN.has(row.state) ? (row.waiting?.because ?? '') : '';
  return [row.id, subject(row), row.state, `${done} of ${row.size}`, clip(waits, 80)];
}
