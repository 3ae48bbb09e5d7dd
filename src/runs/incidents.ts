import type { Severity } from '../incident/shapes.ts';
import type { Queries } from '../store/db.ts';

export interface OpenIncident {
  id: string;
  severity: Severity;
  title: string;
  hosts: string[];
}

/** Incidents that are not resolved, the gravest first. */
export function openIncidents(db: Queries): Promise<OpenIncident[]> {
  return db.query<OpenIncident>(
    `select i.id, i.severity, i.title,
       (select coalesce(jsonb_agg(host order by host), '[]') from (select distinct host from incident_hosts where incident = i.id) as named) as hosts
     from incidents i where state in ('investigating', 'identified', 'monitoring') and kind = 'incident'
     order by array_position(array['critical', 'major', 'minor'], severity), opened`,
  );
}
