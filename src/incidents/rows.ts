import type { Health, Incident, IncidentState, Outage, OutageSource, Severity } from '../incident/shapes.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Queries } from '../store/db.ts';

/** A row of `incidents`. */
export interface IncidentRow {
  id: string;
  code: string;
  state: IncidentState;
  rev: number;
  kind: 'incident' | 'maintenance';
  title: string;
  severity: Severity;
  public: boolean;
  by_itself: boolean;
  lead: string | null;
  by: string;
  zone: string;
  merged_into: string | null;
  began: Date;
  opened: Date;
  identified: Date | null;
  monitored: Date | null;
  resolved: Date | null;
  update_due: Date | null;
  second_asked: Date | null;
  scheduled_for: Date | null;
  scheduled_until: Date | null;
  changed: Date;
}

/** One incident, whole: its row with updates, components and the outage table. */
export interface Stored {
  row: IncidentRow;
  incident: Incident;
}

/** Throws Refusal where there is none. */
export async function incidentNamed(db: Queries, id: string, lock = ''): Promise<Stored> {
  const found = await storedIncident(db, id, lock);
  if (!found) throw new Refusal(`There is no ${id}. "show incidents" lists what there is.`);
  return found;
}

export async function storedIncident(db: Queries, id: string, lock = ''): Promise<Stored | undefined> {
  const [row] = await db.query<IncidentRow>(`select * from incidents where id = $1 ${lock}`, [id]);
  if (!row) return undefined;
  const updates = await db.query<{ status: IncidentState; body: string; by: string; at: Date }>(
    `select status, body, by, at from incident_updates where incident = $1 order by n`,
    [id],
  );
  const components = await db.query<{ component: string; status: Health; since: Date }>(
    `select component, status, since from incident_components where incident = $1 order by component`,
    [id],
  );
  const hosts = await db.query<HostRow>(`select host, nth, down, up, cause, source, corrected_by from incident_hosts where incident = $1 order by host, nth`, [
    id,
  ]);
  const incident: Incident = {
    id,
    ...{ kind: row.kind, state: row.state, title: row.title, severity: row.severity, public: row.public, byItself: row.by_itself },
    ...{ by: row.by, zone: row.zone },
    ...(row.lead !== null && { lead: row.lead }),
    began: row.began.getTime(),
    opened: row.opened.getTime(),
    ...(row.identified && { identified: row.identified.getTime() }),
    ...(row.monitored && { monitored: row.monitored.getTime() }),
    ...(row.resolved && { resolved: row.resolved.getTime() }),
    ...(row.update_due && { updateDue: row.update_due.getTime() }),
    ...(row.second_asked && { secondAsked: row.second_asked.getTime() }),
    ...(row.merged_into !== null && { mergedInto: row.merged_into }),
    ...(row.scheduled_for && row.scheduled_until && { window: { from: row.scheduled_for.getTime(), until: row.scheduled_until.getTime() } }),
    updates: updates.map(({ status, body, by, at }) => ({ status, text: body, by, at: at.getTime() })),
    components: Object.fromEntries(components.map(({ component, status, since }) => [component, { health: status, since: since.getTime() }])),
    hosts: hosts.map(outageOf),
  };
  return { row, incident };
}

interface HostRow {
  host: string;
  nth: number;
  down: Date | null;
  up: Date | null;
  cause: string | null;
  source: OutageSource;
  corrected_by: string | null;
}

const outageOf = ({ host, nth, down, up, cause, source, corrected_by: by }: HostRow): Outage => ({
  host,
  nth,
  ...(down && { down: down.getTime() }),
  ...(up && { up: up.getTime() }),
  ...(cause !== null && { cause }),
  source,
  ...(by !== null && { correctedBy: by }),
});
