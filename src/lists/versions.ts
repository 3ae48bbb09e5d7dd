import type { Reply } from '../chat/command.ts';
import type { Targets } from '../fleet/fleet.ts';
import type { Host } from '../fleet/host.ts';
import { foldNames } from '../fleet/target/fold.ts';
import { exclusionsFor, factsNamed, type RulesWorld } from '../rules/exclusions.ts';
import { auditVersions, type LastRun, VERSION_FACTS, type VersionRow } from '../runs/versions.ts';
import type { Queries } from '../store/db.ts';

/** Groups of hosts a person reads; the rest is in the attachment. */
const MOST = 25;

/** `show versions @prod`: who is not on target, each with its reason. Asks nobody: what is known says how old it is. */
export async function versionsListed(world: RulesWorld, targets: Targets): Promise<Reply> {
  const { records } = world;
  const fleet = [...world.fleet().hosts.values()];
  const [states, rules, holds, runs] = await Promise.all([
    factsNamed(records, VERSION_FACTS, fleet),
    rulesOf(world, targets.hosts),
    holdsOf(records),
    lastRunsOf(records),
  ]);
  const rows = auditVersions(targets.hosts, fleet, { states, rules, holds, runs });
  const behind = rows.filter(({ onTarget }) => !onTarget);
  const groups = fold(behind);
  return {
    card: {
      title:
        behind.length === 0 ? `${targets.expression}: all ${rows.length} on target` : `${targets.expression}: ${behind.length} of ${rows.length} not on target`,
      tone: behind.length === 0 ? 'good' : 'attention',
      ...(behind.length > 0 && {
        table: { columns: ['hosts', 'runs', 'target', 'why'], rows: groups.slice(0, MOST).map(({ hosts, cells }) => [foldNames(hosts), ...cells]) },
      }),
      ...(groups.length > MOST && {
        body: [`${groups.length - MOST} more are in the attachment`],
        attachment: { name: 'versions.tsv', text: groups.map(({ hosts, cells }) => [foldNames(hosts), ...cells].join('\t')).join('\n') },
      }),
    },
    json: {
      target: targets.expression,
      hosts: rows.map(({ host, kernel, osVersion, target, onTarget, reasons }) => ({
        host,
        on_target: onTarget,
        kernel: kernel ?? null,
        os_version: osVersion ?? null,
        target: target ? { kernel: target.kernel, os_version: target.osVersion } : null,
        reasons,
      })),
    },
  };
}

function fold(rows: readonly VersionRow[]): { hosts: string[]; cells: string[] }[] {
  const groups = new Map<string, { hosts: string[]; cells: string[] }>();
  for (const { host, kernel, osVersion, target, reasons } of rows) {
    // The release is said only where it is what is behind.
    const release = target && osVersion !== target.osVersion;
    const cells = [
      [release && osVersion, kernel ?? 'not known'].filter(Boolean).join(', '),
      target ? [release && target.osVersion, target.kernel].filter(Boolean).join(', ') : 'not known',
      reasons.join('; '),
    ];
    const key = cells.join('\n');
    const group = groups.get(key) ?? { hosts: [], cells };
    group.hosts.push(host);
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => b.hosts.length - a.hosts.length);
}

/** A rule on some other package is no reason to lack a kernel. */
async function rulesOf(world: RulesWorld, hosts: readonly Host[]): Promise<Map<string, string[]>> {
  const [patching, rebooting] = await Promise.all(['patch', 'reboot'].map((job) => exclusionsFor(world, { job, hosts })));
  const said = new Map<string, string[]>();
  const add = (host: string, reason: string): void => void said.set(host, [...(said.get(host) ?? []), reason]);
  for (const [host, { rule, because }] of patching?.excluded ?? []) add(host, `excluded from patch by ${rule}: ${because}`);
  for (const [host, { rule, because }] of rebooting?.excluded ?? []) add(host, `excluded from reboot by ${rule}: ${because}`);
  for (const [host, kept] of patching?.keptOff ?? [])
    for (const { rule, pattern } of kept) if (/^(linux|kernel|\*)/.test(pattern)) add(host, `excluded by ${rule}: ${pattern} stays off`);
  return said;
}

async function holdsOf(db: Queries): Promise<Map<string, string[]>> {
  const rows = await db.query<{ host: string; hold: string }>(
    `select hh.host, hh.hold from hold_hosts hh join holds h on h.id = hh.hold where h.state = 'open' and h.kind = 'updates' and hh.state <> 'resumed' order by h.begun`,
  );
  const held = new Map<string, string[]>();
  for (const { host, hold } of rows) held.set(host, [...(held.get(host) ?? []), hold]);
  return held;
}

async function lastRunsOf(db: Queries): Promise<Map<string, LastRun>> {
  const rows = await db.query<LastRun & { name: string }>(
    `select distinct on (rh.host) rh.host as name, r.id as run, r.job, r.state, rh.state as host, rh.outcome, rh.detail,
            rh.planned -> 'skip' ->> 'rule' as skip, (r.plan -> 'params' ->> 'kernel') = 'false' as "withoutKernel"
     from run_hosts rh join runs r on r.id = rh.run
     where r.job in ('patch', 'reboot') and r.plan ->> 'mode' = 'do'
     order by rh.host, r.planned_at desc, r.id desc`,
  );
  return new Map(rows.map(({ name, ...last }) => [name, { ...last, withoutKernel: last.withoutKernel === true }]));
}
