import type { Fleet } from '../fleet/fleet.ts';
import type { Facts } from '../fleet/host.ts';
import { type OutcomeTable, outcomeTable } from '../rollout/outcome-table.ts';
import { isBad, type TouchedHost } from '../rollout/outcomes/touched.ts';
import type { Queries } from '../store/db.ts';
import type { ShownRun } from './load.ts';
import { HEAVY } from './planned-facts.ts';

/** Hosts read by one statement: the embedded database keeps for ever what its largest answer took. */
const AT_ONCE = 500;

/** What those that failed share and the others do not, by what was known of them before; asked where a run rests and some of it failed. */
export async function outcomesOf(db: Queries, fleet: Fleet, { run, counts }: ShownRun): Promise<OutcomeTable | undefined> {
  const rests = run.state === 'halted' || run.state === 'done' || run.state === 'cancelled';
  const bad = (counts.lost ?? 0) + (counts.failed ?? 0);
  if (!rests || bad === 0 || (counts.ok ?? 0) === 0) return undefined;
  const hosts: TouchedHost[] = [];
  for (let from = 0; ; ) {
    const rows = await db.query<{ host: string; position: number; outcome: TouchedHost['outcome']; facts: Facts | null }>(
      `select h.host, h.position, h.outcome, coalesce(h.baseline, f.facts) - $3::text[] as facts from run_hosts h left join facts f on f.host = h.host
       where h.run = $1 and h.position >= $2 and h.outcome in ('ok', 'lost', 'failed') order by h.position limit ${AT_ONCE}`,
      [run.id, from, HEAVY],
    );
    for (const { host, outcome, facts } of rows) {
      const { vars, site } = fleet.hosts.get(host) ?? {};
      hosts.push({ host, outcome, facts: { ...vars, ...facts }, ...(site !== undefined && { site }) });
    }
    if (rows.length < AT_ONCE) break;
    from = (rows.at(-1)?.position ?? 0) + 1;
  }
  return outcomeTable(hosts, { run: run.id, from: keptFrom(run.job, hosts) });
}

/** What a rule keeps the like of them from: of a patch the kernel, whose packages are named after the distribution. */
function keptFrom(job: string, hosts: readonly TouchedHost[]): string {
  if (job !== 'patch') return `job ${job}`;
  const rpm = hosts.filter(({ outcome }) => isBad(outcome)).some(({ facts }) => RPM.has(String(facts['os'])));
  return `package "${rpm ? 'kernel*' : 'linux-image*'}"`;
}

const RPM: ReadonlySet<string> = new Set(['almalinux', 'rocky', 'centos', 'rhel', 'fedora', 'ol', 'amzn']);
