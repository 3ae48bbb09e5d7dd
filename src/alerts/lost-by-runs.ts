import type { Urgency } from '../escalation/policy.ts';
import type { Ops } from '../ops.ts';
import type { Queries } from '../store/db.ts';
import { standsOn } from './stands-on.ts';

/** The page that asks about a run already, which left a host lost, failed or unverified; and its incident. */
export interface Covered {
  page: string;
  incident: string | null;
}

/** A host that a run left so. `lost`: it does not answer, and whoever has the page has all that is said of it. `asks`: nobody has the page yet. */
export interface Left extends Covered {
  lost: boolean;
  asks: boolean;
  urgency: Urgency;
}

/** Hosts, and their guests, that runs left lost, failed or unverified and that are asked about already: what is said of them may belong to that page. */
export async function lostByRuns(db: Queries, { fleet }: Pick<Ops, 'fleet'>): Promise<Map<string, Left>> {
  const rows = await db.query<{ host: string } & Left>(
    `select rh.host, p.id as page, r.incident, rh.outcome = 'lost' as lost, p.state = 'open' as asks, p.urgency from run_hosts rh join runs r on r.id = rh.run join pages p on p.about in (r.incident, r.id)
     where rh.state = 'ended' and rh.started is not null and rh.ended is null and rh.outcome in ('lost', 'failed', 'unverified') and p.state in ('open', 'acked')
     order by p.opened, p.id for update of p`,
  );
  const stands = standsOn(fleet());
  return new Map(rows.flatMap(({ host, ...left }) => stands.withGuests(host).map((name): [string, Left] => [name, left])));
}
