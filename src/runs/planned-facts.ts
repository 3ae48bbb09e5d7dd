import type { HostState } from '../fleet/host.ts';
import { type StateRow, stateOf } from '../reading/knowledge.ts';
import type { Queries } from '../store/db.ts';

/** Facts no plan looks at, and the largest: left in the database. */
export const HEAVY = [
  'disk_used',
  'probes',
  'unseen',
  'last_words',
  'kernel_errors',
  'listeners',
  'crash_files',
  'firewall_hash',
  'routes_hash',
  'mounts_hash',
  'mounts',
  'listeners_hash',
  'readonly_mounts',
];
/** Hosts read by one statement: the embedded database keeps for ever what its largest answer took. */
const AT_ONCE = 500;

/** What a plan wants to know of hosts: their state, without the facts nobody plans by. Hosts never asked are absent. */
export async function plannedFacts(db: Queries, hosts: readonly string[]): Promise<Map<string, HostState>> {
  const known = new Map<string, HostState>();
  for (let n = 0; n < hosts.length; n += AT_ONCE) {
    const rows = await db.query<StateRow>(
      `select host, reach, detail, asked, answered, facts - $2::text[] as facts, findings from facts where host = any ($1)`,
      [hosts.slice(n, n + AT_ONCE), HEAVY],
    );
    for (const row of rows) known.set(row.host, stateOf(row));
  }
  return known;
}

/** Of the rest of the fleet only who carries whom, and who is a database primary. */
export async function placementFacts(db: Queries): Promise<Map<string, HostState>> {
  const rows = await db.query<StateRow>(
    `select host, reach, null as detail, asked, answered, '[]'::jsonb as findings,
       jsonb_strip_nulls(jsonb_build_object('guests', facts -> 'guests', 'database_primary', facts -> 'database_primary', 'mem_available_mb', facts -> 'mem_available_mb')) as facts
     from facts where facts ? 'guests' or facts ? 'database_primary'`,
  );
  return new Map(rows.map((row) => [row.host, stateOf(row)]));
}
