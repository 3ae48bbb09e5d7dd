import type { Config } from '../../config/schema.ts';
import { ringOpens } from '../../rollout/ring-opens.ts';
import type { RunView } from '../../rollout/shapes.ts';
import { openingsFrom, sayWindows } from '../../rollout/windows.ts';
import { openRules, sayApplies } from '../../rules/rule.ts';
import type { RunRow } from '../../runs/rows.ts';
import type { Queries } from '../../store/db.ts';
import { certificateDates } from './certificates.ts';

/** One entry of the calendar. `key` is the same as long as it is about the same thing; domain ms. */
export interface CalendarDate {
  key: string;
  from: number;
  until: number;
  title: string;
  details?: string;
  /** Grows with every change of the thing. */
  rev?: number;
  /** So long before it begins the calendar itself says so, ms. */
  alarm?: number;
}

const MINUTE = 60_000;
const DAY = 86_400_000;
/** How far windows are shown ahead; they come again for ever. */
const AHEAD = 31 * DAY;

/** What is going to happen: runs and rings that begin, the ends of holds, rules and certificates, and when windows are open. */
export async function datesAhead(db: Queries, world: { config: Config; now: number }): Promise<CalendarDate[]> {
  const [runs, holds, rules, certificates] = await Promise.all([openRuns(db), openHolds(db), openRules(db), certificateDates(db, world.now)]);
  return [
    ...runs.flatMap((run) => datesOf(run, world)),
    ...holds.map(({ id, kind, expression, owner, because, until, rev }) =>
      moment(`hold-${id}`, until, `${id} ends: ${kind} paused on ${expression}`, `${owner} is asked${because ? `; paused because ${because}` : ''}`, rev),
    ),
    ...rules.flatMap(({ id, expression, applies, owner, because, until, rev }) =>
      until ? [moment(`rule-${id}`, until, `${id} ends: ${expression} off ${sayApplies(applies)}`, `${owner} is asked; made because ${because}`, rev)] : [],
    ),
    ...certificates,
    ...windowDates(world),
  ].sort((a, b) => a.from - b.from || (a.key < b.key ? -1 : 1));
}

type CalendarRun = Pick<RunRow, 'id' | 'job' | 'state' | 'rev' | 'plan' | 'prediction' | 'wave' | 'ring_ended' | 'approvals' | 'by' | 'because' | 'size'> & {
  due: Date | null;
};

const openRuns = (db: Queries): Promise<CalendarRun[]> =>
  db.query(
    `select id, job, state, rev, plan, prediction, wave, ring_ended, approvals, due, by, because, size from runs where state in ('planned', 'running', 'halted') order by id`,
  );

const openHolds = (db: Queries): Promise<{ id: string; kind: string; expression: string; owner: string; because: string | null; until: Date; rev: number }[]> =>
  db.query(`select id, kind, expression, owner, because, until, rev from holds where state = 'open' order by id`);

/** When it begins, if that was said; and while it goes by rings, when the ring it waits for may. */
function datesOf(run: CalendarRun, { config, now }: { config: Config; now: number }): CalendarDate[] {
  const { id, job, plan, by, because, size, rev } = run;
  const details = `${size === 1 ? '1 host' : `${size} hosts`}, asked by ${by}${because ? ` because ${because}` : ''}; show ${id}`;
  const found: CalendarDate[] = [];
  const begins = run.state === 'planned' ? (run.due?.getTime() ?? plan.startAt) : undefined;
  if (begins !== undefined)
    found.push({
      key: `run-${id}`,
      from: begins,
      until: begins + Math.max(run.prediction.p95, MINUTE),
      title: `${id} ${plan.words ?? job} ${plan.expression}${sayUnapproved(run, 0)}`,
      details,
      rev,
    });
  const at = plan.rings.findIndex(({ firstWave, lastWave }) => firstWave <= run.wave && run.wave <= lastWave);
  const ring = plan.rings[at];
  if (run.state === 'planned' || !ring || !run.ring_ended || run.wave !== ring.firstWave) return found;
  const opens = ringOpens(ring, run.ring_ended.getTime(), config.timezone).at;
  if (opens >= now)
    found.push({
      key: `run-${id}-ring-${at}`,
      from: opens,
      until: opens + 30 * MINUTE,
      title: `${id} ${job}: ring ${ring.name} may begin${sayUnapproved(run, at)}`,
      details,
      rev,
    });
  return found;
}

const sayUnapproved = ({ plan, approvals }: CalendarRun, ring: number): string =>
  (plan.rings[ring]?.approval.length ?? 0) > 0 && !(approvals as RunView['approvals'])[ring] ? ' (waits for approval)' : '';

function windowDates({ config, now }: { config: Config; now: number }): CalendarDate[] {
  return config.windows.flatMap((window) => {
    const zoned = { ...window, zone: window.zone ?? config.timezone };
    return openingsFrom([zoned], now, now + AHEAD).map(({ opens, closes, note }) => ({
      key: `window-${window.hosts}-${opens}`,
      from: opens,
      until: closes,
      title: `window for ${window.hosts}`,
      details: `${sayWindows([zoned])}${note ? `, ${note}` : ''}: changes may begin`,
    }));
  });
}

const moment = (key: string, at: Date, title: string, details: string, rev: number): CalendarDate => ({
  key,
  from: at.getTime(),
  until: at.getTime() + 15 * MINUTE,
  title,
  details,
  rev,
});
