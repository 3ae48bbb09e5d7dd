import type { Fleet } from '../../fleet/fleet.ts';
import type { Host, HostState } from '../../fleet/host.ts';
import type { GroupLimit } from '../../rollout/budgets.ts';
import { decide } from '../../rollout/decide.ts';
import { placementOf } from '../../rollout/placement.ts';
import { makePlan } from '../../rollout/plan.ts';
import type { HostView, Next, RunView, World } from '../../rollout/shapes.ts';

/** What the slots FleetLock lends are held as, beside those of runs. */
export const LENT = 'fleetlock';

/** What is looked at when a host asks whether it may reboot itself. Times are domain ms. */
export interface Asking {
  host: Host;
  /** Reboot group of the client; at most `atOnce` of one group are away. */
  group: string;
  atOnce: number;
  /** Hosts that hold a slot so lent, and since when. */
  lent: readonly { host: string; since: number }[];
  by: string;
  fleet: Fleet;
  groups: Readonly<Record<string, GroupLimit>>;
  known: ReadonlyMap<string, HostState>;
  world: World;
}

/** Few and fixed: clients count them. */
export type Kind = 'failed_lock_semaphore_full' | 'stopped' | 'excluded_by_rule' | 'window_closed' | 'incident_open' | 'overdue' | 'waits_for_person';

export type Lending =
  | { lend: true; budgets: string[] /** Why a person should have the last word; empty = nobody is asked. */; grave: string[] }
  | { lend: false; kind: Kind; because: string };

/**
 * Whether a host may have a slot to reboot itself now: the same guards, in the same order, that a run of `reboot` over this one host
 * would meet, its approval taken as given.
 */
export function decideLending(asking: Asking): Lending {
  const { host, world, by } = asking;
  const length = expected(world);
  const estimate = { p50: length, p95: length };
  const { hosts, ...plan } = makePlan({
    run: LENT,
    job: 'reboot',
    params: {},
    expression: host.name,
    mode: 'do',
    risk: 'disrupt',
    targets: [{ host, foreseen: { does: 'reboots itself', class: LENT, estimate } }],
    asking: { by, source: 'automation' },
    fleet: asking.fleet,
    groups: asking.groups,
    known: asking.known,
    defaults: world.defaults,
  });
  const group = `${LENT}:${asking.group}`;
  const budgets = [...(hosts[0]?.claims ?? []).filter((claim) => !claim.startsWith('run:')), group];
  const going: HostView[] = asking.lent
    .filter((lent) => lent.host !== host.name)
    .map((lent) => ({ host: lent.host, wave: 0, state: 'going', claims: [], class: LENT, started: lent.since }));
  const run: RunView = {
    id: LENT,
    state: 'running',
    // Hosts that ask one by one are no run with a canary: what is lent to others is not one that has yet to do well.
    plan: { ...plan, pace: { ...plan.pace, first: [] }, limits: { ...plan.limits, [group]: asking.atOnce } },
    by,
    size: 1,
    wave: 0,
    counts: {},
    forgiven: {},
    hosts: [{ host: host.name, wave: 0, state: 'waiting', claims: budgets, class: LENT }, ...going],
    approvals: { 0: { by, at: world.now } },
    plannedAt: world.now,
    begunAt: world.now,
    prediction: { ...estimate, basis: '', host: { [LENT]: { ...estimate, from: 0 } } },
    said: [],
  };
  const next = decide(run, world);
  if (next.start.includes(host.name)) return { lend: true, budgets, grave: graveOf(asking) };
  return { lend: false, ...sayNo(next) };
}

/** How long a host that reboots itself is away at most, before it is said that it is. */
export const expected = ({ defaults }: Pick<World, 'defaults'>): number => defaults['reboot.predicted_least'];

function sayNo(next: Next): { kind: Kind; because: string } {
  const [rule] = next.skip;
  if (rule) return { kind: 'excluded_by_rule', because: `${rule.rule} keeps reboots off ${rule.host}: ${rule.because}` };
  if (next.halt?.reason === 'stop') return { kind: 'stopped', because: next.because };
  const kinds: Partial<Record<string, Kind>> = { window: 'window_closed', incident: 'incident_open', overdue: 'overdue' };
  return { kind: kinds[next.waiting?.for ?? ''] ?? 'failed_lock_semaphore_full', because: next.waiting?.because ?? next.because };
}

/** Whatever the configuration lends without asking: what carries others, keeps data or tells people of trouble goes down by a person's word. */
function graveOf({ host, fleet, groups, known }: Asking): string[] {
  const placement = placementOf(fleet, known);
  const below = placement.guestsOf(host.name).flatMap((guest) => fleet.hosts.get(guest) ?? []);
  const clusters = Object.entries(groups).filter(([name, { quorum }]) => quorum && fleet.groups.get(name)?.includes(host.name));
  const primary = known.get(host.name)?.facts.database_primary === true || host.vars.database_primary === true;
  return [
    ...(placement.carries(host.name) ? [`${below.length || 'some'} ${below.length === 1 ? 'guest runs' : 'guests run'} on it`] : []),
    ...(primary || clusters.length > 0 ? ['it is a database'] : []),
    ...([host, ...below].some(({ alertPath }) => alertPath) ? ['it is on the alert path'] : []),
  ];
}
