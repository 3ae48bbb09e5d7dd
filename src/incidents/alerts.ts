import type { Tx } from '../store/db.ts';
import { hostsSeen } from './heard.ts';
import type { JoinWorld } from './join.ts';
import { moveIncident } from './move.ts';

/** Our own look at hosts: what it says is that they are down, and since when. */
const DOWN = 'down';

/** Alerts were put to incidents: hosts they name that are not in them yet are affected, and those our own look says are down are down. */
export async function alertsJoin(tx: Tx, world: JoinWorld, placed: readonly { id: string; incident: string | null }[], now: number): Promise<void> {
  const rows = await tx.query<{ id: string; integration: string; summary: string; hosts: string[]; started: Date; incident: string; fresh: string[] }>(
    `select a.id, a.integration, a.summary, a.hosts, a.started, a.incident,
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
  const down = rows.filter(({ integration }) => integration === DOWN);
  const seen = down.flatMap(({ hosts, started }) => hosts.map((host) => ({ host, up: false, at: started.getTime() })));
  await hostsSeen(tx, { ...world, clock: { now: () => now } }, seen, 'down');
}

/** What our own look said is over: these hosts answer again. */
export async function alertsOver(tx: Tx, world: JoinWorld, over: readonly { integration: string; hosts: readonly string[] }[], now: number): Promise<void> {
  const back = over.filter(({ integration }) => integration === DOWN).flatMap(({ hosts }) => hosts);
  const seen = [...new Set(back)].map((host) => ({ host, up: true, at: now }));
  await hostsSeen(tx, { ...world, clock: { now: () => now } }, seen, 'down');
}
