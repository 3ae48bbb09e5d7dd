import type { Queries } from '../../store/db.ts';

export interface BoardIncident {
  id: string;
  title: string;
  severity: 'critical' | 'major' | 'minor';
  state: string;
  kind: 'incident' | 'maintenance';
  public: boolean;
  lead: string | null;
  began: Date;
  update_due: Date | null;
  components: string[];
  /** Once each; those that are down now. */
  hosts: string[];
  down: string[];
  /** What was said last. */
  said: { body: string; by: string; at: string } | null;
}

export interface BoardHold {
  id: string;
  kind: string;
  expression: string;
  owner: string;
  because: string | null;
  until: Date;
  hosts: number;
  drifted: number;
}

/** Of each, so many at most. */
const MOST = 20;

/** Incidents that are not resolved, the gravest first. */
export const readIncidents = (db: Queries): Promise<BoardIncident[]> =>
  db.query(
    `select i.id, i.title, i.severity, i.state, i.kind, i.public, i.lead, i.began, i.update_due,
       coalesce((select jsonb_agg(component order by component) from incident_components c where c.incident = i.id), '[]') as components,
       coalesce((select jsonb_agg(distinct host) from incident_hosts h where h.incident = i.id), '[]') as hosts,
       coalesce((select jsonb_agg(distinct host) from incident_hosts h where h.incident = i.id and h.down is not null and h.up is null), '[]') as down,
       (select jsonb_build_object('body', body, 'by', by, 'at', at) from incident_updates u where u.incident = i.id order by n desc limit 1) as said
     from incidents i where i.state in ('investigating', 'identified', 'monitoring', 'in_progress', 'verifying')
     order by array_position(array['critical', 'major', 'minor'], i.severity), i.began limit ${MOST}`,
  );

export const readHolds = (db: Queries): Promise<BoardHold[]> =>
  db.query(
    `select id, kind, expression, owner, because, until,
       (select count(*)::int from hold_hosts h where h.hold = o.id and h.state <> 'resumed') as hosts,
       (select count(*)::int from hold_hosts h where h.hold = o.id and h.state = 'drifted') as drifted
     from holds o where state = 'open' order by until limit ${MOST}`,
  );
