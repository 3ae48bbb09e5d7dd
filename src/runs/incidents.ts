import type { Queries } from '../store/db.ts';

export interface OpenIncident {
  id: string;
  severity: 'critical' | 'major' | 'minor';
  title: string;
  hosts: string[];
}

/** Incidents that are not resolved, the gravest first. */
export async function openIncidents(db: Queries): Promise<OpenIncident[]> {
  const rows = await db.query<{ thing: string; data: Omit<OpenIncident, 'id'> }>(
    `select o.thing, o.data from events o where o.type = 'opened' and o.thing like 'INC-%'
     and not exists (select 1 from events e where e.thing = o.thing and e.type in ('resolved', 'merged') and e.rev > o.rev
       and not exists (select 1 from events r where r.thing = o.thing and r.type = 'reopened' and r.rev > e.rev))`,
  );
  const weight = { critical: 0, major: 1, minor: 2 };
  return rows
    .map(({ thing, data }) => ({ id: thing, severity: data.severity, title: data.title, hosts: data.hosts ?? [] }))
    .sort((a, b) => weight[a.severity] - weight[b.severity]);
}
