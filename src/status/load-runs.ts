import type { Queries } from '../store/db.ts';
import { codeOf } from './code.ts';
import type { Story, StoryUpdate } from './story.ts';
import type { StoryStatus } from './words.ts';

/** Ended ones are shown for so long, ms. */
const KEEP = 90 * 86_400_000;
const MOST = 50;

/**
 * Runs that disrupt what the public has a name for, as maintenance: announced when they have an hour and a yes, begun and ended by what happened.
 * `componentsOf` names the components of hosts; a run that touches none is nobody's business. No word of a run, a host or a person is in it.
 */
export async function loadRuns(db: Queries, { now, componentsOf }: { now: number; componentsOf(hosts: readonly string[]): string[] }): Promise<Story[]> {
  const rows = await db.query<MaintenanceRun>(
    `select id, state, planned_at, due, begun_at, ended, (plan->>'startAt')::float8 as start_at, (prediction->>'p95')::float8 as takes,
       coalesce(jsonb_array_length(plan->'rings'->0->'approval'), 0) = 0 or approvals ? '0' as approved
     from runs r where plan->>'risk' = 'disrupt' and plan->>'mode' <> 'undo' and not (plan->>'safe')::boolean and not (plan->>'containment')::boolean
       and (state in ('planned', 'running', 'halted') or ended > $1) and (begun_at is not null or plan->>'startAt' is not null)
       and not exists (select 1 from incidents i where i.run = r.id and i.public)
     order by planned_at desc limit ${MOST}`,
    [new Date(now - KEEP)],
  );
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const hosts = await db.query<{ run: string; hosts: string[] }>(
    `select run, jsonb_agg(host) as hosts from run_hosts where run = any ($1) and wave is not null and outcome is distinct from 'skipped' group by run`,
    [ids],
  );
  const events = await db.query<RunEvent>(`select thing, type, at from events where thing = any ($1) and type like 'maintenance %' order by thing, rev`, [ids]);
  const hostsOf = new Map(hosts.map((row) => [row.run, row.hosts]));
  return rows.flatMap((run) => {
    const names = componentsOf(hostsOf.get(run.id) ?? []);
    const story =
      names.length > 0
        ? storyOf(
            run,
            events.filter(({ thing }) => thing === run.id),
            names,
            now,
          )
        : undefined;
    return story ? [story] : [];
  });
}

interface MaintenanceRun {
  id: string;
  state: 'planned' | 'running' | 'halted' | 'done' | 'cancelled' | 'expired';
  planned_at: Date;
  due: Date | null;
  begun_at: Date | null;
  ended: Date | null;
  start_at: number | null;
  takes: number;
  approved: boolean;
}

interface RunEvent {
  thing: string;
  type: string;
  at: Date;
}

/** `undefined` for what was never announced: it waits for a yes, or was called off before it had one. */
function storyOf(run: MaintenanceRun, events: readonly RunEvent[], names: readonly string[], now: number): Story | undefined {
  const begun = run.begun_at?.getTime();
  const from = begun ?? run.due?.getTime() ?? run.start_at ?? run.planned_at.getTime();
  const until = from + run.takes;
  const delayed = events.some(({ type }) => type === 'maintenance delayed');
  if (begun === undefined && !run.approved && !delayed) return undefined;
  const updates = updatesOf(run, events, { from, until, now });
  const status = updates.at(-1)?.status ?? 'scheduled';
  const over = status === 'completed';
  const created = run.planned_at.getTime();
  return {
    code: codeOf('run', run.id, created),
    title: `Maintenance: ${names.join(', ')}`,
    kind: 'maintenance',
    status,
    impact: 'maintenance',
    created,
    started: begun ?? from,
    updated: updates.at(-1)?.at ?? created,
    ...(over && run.ended && { resolved: run.ended.getTime() }),
    window: { from, until: over && run.ended ? Math.max(run.ended.getTime(), from) : until },
    updates: updates.reverse(),
    components: names.map((name) => ({ name, status: status === 'in_progress' || status === 'verifying' ? 'under_maintenance' : 'operational' })),
    hosts: [],
  };
}

function updatesOf(run: MaintenanceRun, events: readonly RunEvent[], { from, until, now }: { from: number; until: number; now: number }): StoryUpdate[] {
  const updates: StoryUpdate[] = [];
  const say = (status: StoryStatus, at: number, body: string): void =>
    void updates.push({
      code: codeOf('update', run.id, run.planned_at.getTime(), updates.length),
      status,
      again: updates.at(-1)?.status === status,
      body,
      at,
      components: [],
    });
  for (const { type, at } of events) {
    if (type === 'maintenance planned' && run.start_at !== null)
      say('scheduled', at.getTime(), 'This maintenance is scheduled. Service is kept up as far as its redundancy goes.');
    if (type === 'maintenance begun') say('in_progress', at.getTime(), 'The maintenance is in progress.');
    if (type === 'maintenance delayed')
      say(updates.at(-1)?.status ?? 'scheduled', at.getTime(), 'The maintenance is delayed: it did not go on at its hour and is announced anew.');
  }
  const open = run.state === 'planned' || run.state === 'running' || run.state === 'halted';
  const begun = run.begun_at !== null;
  // A moment that has gone by is an announcement, too; it is the same one whoever reads it when.
  if (open && !begun && now > from) say('scheduled', from, 'The maintenance is delayed: it has not begun at its hour.');
  if (open && begun && now > until) say('in_progress', until, 'The maintenance is delayed: it takes longer than announced.');
  if (!open && begun) say('completed', (run.ended ?? run.planned_at).getTime(), 'The maintenance has been completed.');
  if (!open && !begun) say('completed', (run.ended ?? run.planned_at).getTime(), 'The maintenance was called off: nothing was changed.');
  return updates;
}
