import { type Entry, type Recorded, timelineOf } from '../incident/timeline.ts';
import type { Queries } from '../store/db.ts';
import { eventsOf, type RecordedEvent } from '../store/events.ts';
import type { Stored } from './rows.ts';

/** Of one story no more commands are read: the audit has all of them. */
const MOST_COMMANDS = 200;

interface Story {
  /** Its own. */
  events: RecordedEvent[];
  /** Its own, and those of what belongs to it. */
  recorded: Recorded[];
  timeline: Entry[];
}

/** Everything that happened to an incident and to what belongs to it: its runs, its pages, its alerts, and what people typed about it. */
export async function storyOf(db: Queries, { row, incident }: Stored): Promise<Story> {
  const events = await eventsOf(db, row.id);
  const runs = await db.query<{ id: string }>(`select id from runs where incident = $1`, [row.id]);
  const pages = await db.query<{ id: string }>(`select id from pages where about = $1 or id in (select page from alerts where incident = $1)`, [row.id]);
  const merged = await db.query<{ id: string }>(`select id from incidents where merged_into = $1`, [row.id]);
  const things = [...runs, ...pages, ...merged].map(({ id }) => id);
  const others =
    things.length === 0
      ? []
      : await db.query<RecordedEvent>(`select thing, rev, type, data, by, at from events where thing = any ($1::text[]) order by at, id`, [things]);
  const recorded = [...events, ...others].map((event) => ({ ...event, at: event.at.getTime() }));
  const timeline = timelineOf(recorded, [
    ...(await alertsOf(db, row.id)),
    ...(await commandsAbout(db, row, [row.id, ...things, ...new Set(incident.hosts.map(({ host }) => host))])),
  ]);
  return { events, recorded, timeline };
}

async function alertsOf(db: Queries, id: string): Promise<Entry[]> {
  const rows = await db.query<{ id: string; integration: string; summary: string; started: Date; resolved: Date | null }>(
    `select id, integration, summary, started, resolved from alerts where incident = $1 order by started limit 500`,
    [id],
  );
  return rows.flatMap(({ integration, summary, started, resolved }) => {
    const said = { by: integration, kind: 'alert' as const, thing: id };
    return [{ ...said, at: started.getTime(), says: summary }, ...(resolved ? [{ ...said, at: resolved.getTime(), says: `is over: ${summary}` }] : [])];
  });
}

/** What people typed that names it, one of its runs or pages, or a host of it. What an `incident` command said stands in the story itself. */
async function commandsAbout(db: Queries, row: Stored['row'], names: readonly string[]): Promise<Entry[]> {
  const rows = await db.query<{ at: Date; who: string; command: string; outcome: string }>(
    `select at, who, command, outcome from audit
     where at >= $1 and at <= coalesce($2::timestamptz, 'infinity') and outcome <> 'begun' and command !~* '^\\s*(/ops\\s+|/)?(incident|show|status|help)\\M'
       and string_to_array(lower(regexp_replace(command, '[^A-Za-z0-9._-]+', ' ', 'g')), ' ') && $3::text[]
     order by at limit ${MOST_COMMANDS}`,
    [row.began, row.resolved, names.map((name) => name.toLowerCase())],
  );
  return rows.map(({ at, who, command, outcome }) => ({
    at: at.getTime(),
    by: who,
    kind: 'command',
    thing: row.id,
    says: `typed ${command}${outcome === 'ok' ? '' : ` (${outcome})`}`,
  }));
}
