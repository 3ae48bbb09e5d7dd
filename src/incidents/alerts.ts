import type { Tx } from '../store/db.ts';
import { moveIncident } from './move.ts';

/** Alerts were put to incidents: hosts they name that are not in them yet are affected. That they are down is told by whoever looks (src/down/look.ts). */
export async function alertsJoin(tx: Tx, placed: readonly { id: string; incident: string | null }[], now: number): Promise<void> {
  const rows = await tx.query<{ summary: string; incident: string; fresh: string[] }>(
    `select a.summary, a.incident,
       (select coalesce(jsonb_agg(host), '[]') from jsonb_array_elements_text(a.hosts) as host
         where not exists (select 1 from incident_hosts h where h.incident = a.incident and h.host = host)) as fresh
     from alerts a join incidents i on i.id = a.incident
     where a.id = any ($1::bigint[]) and i.state in ('investigating', 'identified', 'monitoring') order by a.incident, a.id`,
    [placed.map(({ id }) => id)],
  );
  for (const id of new Set(rows.map(({ incident }) => incident))) {
    const its = rows.filter(({ incident }) => incident === id);
    const hosts = [...new Set(its.flatMap(({ fresh }) => fresh))];
    const because = its[0]?.summary.slice(0, 200);
    if (hosts.length > 0)
      await moveIncident(tx, id, { type: 'affected', data: { hosts, source: 'alert', ...(because && { because }) }, by: 'holdfast', at: now });
  }
}
