import type { Ops } from '../ops.ts';
import type { Queries } from '../store/db.ts';
import { standsOn } from './stands-on.ts';

/** The page that asks about a run already, which left a host lost, failed or unverified; and its incident. */
export interface Covered {
  page: string;
  incident: string | null;
}

/** Hosts, and their guests, that runs lost and that are asked about already: what is said of them belongs to that page. */
export async function lostByRuns(db: Queries, { fleet }: Pick<Ops, 'fleet'>): Promise<Map<string, Covered>> {
  const rows = await db.query<{ host: string } & Covered>(
    `select rh.host, p.id as page, r.incident from run_hosts rh join runs r on r.id = rh.run join pages p on p.about in (r.incident, r.id)
     where rh.state = 'ended' and rh.started is not null and rh.ended is null and rh.outcome in ('lost', 'failed', 'unverified') and p.state in ('open', 'acked')
     order by p.opened, p.id for update of p`,
  );
  const stands = standsOn(fleet());
  return new Map(rows.flatMap(({ host, page, incident }) => stands.withGuests(host).map((name): [string, Covered] => [name, { page, incident }])));
}
