import type { Card } from '../chat/card.ts';
import { sayDuration } from '../lib/duration.ts';
import type { Queries } from '../store/db.ts';
import type { IncidentRow } from './rows.ts';

/** The latest are enough. */
const MOST = 50;
const SHOWN = 20;

/** `show incidents`: those that are open first, then the latest. */
export async function incidentsListed(db: Queries, now: number): Promise<{ card: Card; json: Record<string, unknown> }> {
  const rows = await db.query<IncidentRow & { hosts: number; last: string | null }>(
    `select i.*, (select count(distinct host)::int from incident_hosts where incident = i.id) as hosts,
            (select body from incident_updates where incident = i.id order by n desc limit 1) as last
     from incidents i order by state in ('investigating', 'identified', 'monitoring') desc, opened desc, length(id) desc, id desc limit ${MOST}`,
  );
  const open = rows.filter(({ state }) => ['investigating', 'identified', 'monitoring'].includes(state));
  return {
    card: {
      title:
        rows.length === 0
          ? 'There was no incident.'
          : open.length === 0
            ? 'No incident is open.'
            : `${open.length} ${open.length === 1 ? 'incident is' : 'incidents are'} open`,
      tone: open.length > 0 ? 'bad' : 'good',
      ...(rows.length > 0 && {
        table: {
          columns: ['id', 'severity', 'state', 'age', 'hosts', 'what'],
          rows: rows
            .slice(0, SHOWN)
            .map((row) => [row.id, row.severity, row.state, sayDuration(now - row.opened.getTime()), String(row.hosts), row.title.slice(0, 100)]),
        },
      }),
      ...(rows.length > SHOWN && { body: [`${rows.length - SHOWN} older ones: show incidents --json`] }),
    },
    json: {
      incidents: rows.map(({ id, kind, state, severity, title, lead, opened, resolved, update_due, hosts, public: read }) => ({
        ...{ id, kind, state, severity, title, public: read, lead, hosts },
        opened: opened.toISOString(),
        resolved: resolved?.toISOString() ?? null,
        next_update: update_due?.toISOString() ?? null,
      })),
    },
  };
}
