import type { Fleet } from '../fleet/fleet.ts';
import type { Facts } from '../fleet/host.ts';
import { type OutcomeTable, outcomeTable } from '../rollout/outcome-table.ts';
import { indistinct } from '../rollout/outcomes/attributes.ts';
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
  const touched = await db.query<{ host: string; outcome: TouchedHost['outcome'] }>(
    `select host, outcome from run_hosts where run = $1 and outcome in ('ok', 'lost', 'failed') order by position`,
    [run.id],
  );
  const leftOut = [...HEAVY, ...indistinct()];
  const hosts: TouchedHost[] = [];
  for (let from = 0; from < touched.length; from += AT_ONCE) {
    const some = touched.slice(from, from + AT_ONCE);
    const rows = await db.query<{ host: string; facts: Facts | null }>(
      `select h.host, coalesce(h.baseline, f.facts) - $3::text[] as facts from run_hosts h left join facts f on f.host = h.host
       where h.run = $1 and h.host = any ($2)`,
      [run.id, some.map(({ host }) => host), leftOut],
    );
    const known = new Map(rows.map(({ host, facts }) => [host, facts]));
    for (const { host, outcome } of some) {
      const { vars, site } = fleet.hosts.get(host) ?? {};
      hosts.push({ host, outcome, facts: { ...vars, ...known.get(host) }, ...(site !== undefined && { site }) });
    }
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
