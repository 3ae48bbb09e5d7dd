import type { Defaults } from '../config/defaults.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Facts, Host, HostState } from '../fleet/host.ts';
import type { Foreseen, Pace } from '../jobs.ts';
import { type Asking, approvalNeeded } from './approval.ts';
import { type Budgets, budgetsOf, type GroupLimit } from './budgets.ts';
import { inOrder, isProduction, preciousOf, ringsOf } from './order.ts';
import { type Placement, placementOf } from './placement.ts';
import type { Plan, PlannedHost, PlannedRing } from './shapes.ts';
import { refuseNothingLeft } from './skipped.ts';
import { warningsOf } from './warnings.ts';
import { waveSize, wavesOf } from './waves.ts';

export interface PlanInput {
  /** The run's id, for its own budget: `R1`. */
  run: string;
  job: string;
  params: unknown;
  expression: string;
  mode: 'do' | 'undo';
  of?: string;
  risk: 'change' | 'disrupt';
  safe?: boolean;
  containment?: boolean;
  compare?: boolean;
  /** In inventory order. A host that a rule leaves out needs not be foreseen. */
  targets: readonly { host: Host; foreseen?: Foreseen; excluded?: { rule: string; because: string } }[];
  /** What the job says of its pace; unsaid = `batch.*` and `soak.*`. */
  pace?: Pace;
  /** What the job says of bad outcomes; the smaller of this and `halt.*` counts. */
  halts?: { failed?: number; unverified?: number };
  /** As typed: hosts at once in this run. */
  batch?: number;
  byRings?: boolean;
  startAt?: number;
  asking: Asking;
  fleet: Fleet;
  groups: Readonly<Record<string, GroupLimit>>;
  /** What is known of hosts: who carries which guests, who is a database primary. Of the whole fleet, where it is at hand. */
  known: ReadonlyMap<string, HostState>;
  defaults: Defaults;
}

/** The plan of a run, frozen as plain data. Throws `Refusal` when nothing of the target is left to do. 5,000 hosts take well under a second. */
export function makePlan(input: PlanInput): Plan {
  const { fleet, groups, defaults, byRings } = input;
  const placement = placementOf(fleet, input.known);
  const isDatabase = databasesOf(input);
  const pace = input.pace ?? usualPace(input, placement);
  const budgets = budgetsOf({ fleet, placement, groups, defaults, pace });
  const isAlertPath = (name: string): boolean => fleet.hosts.get(name)?.alertPath === true;

  const skipped = input.targets.flatMap(({ host, foreseen, excluded }) => {
    const skip = excluded ?? foreseen?.skip;
    return skip ? [{ host, foreseen, skip }] : [];
  });
  const left = input.targets.filter(({ foreseen, excluded }) => !excluded && !foreseen?.skip);
  if (left.length === 0)
    refuseNothingLeft(
      input.expression,
      skipped.map(({ host, skip }) => ({ host: host.name, skip })),
    );
  const rings = byRings
    ? ringsOf(
        left.map(({ host }) => host),
        defaults,
      )
    : [''];
  const ringAt = new Map(rings.map((name, at) => [name, at]));
  const ringOf = (host: Host): number | undefined => (byRings ? ringAt.get(host.ring ?? '') : 0);
  const going = inOrder(
    left.map(({ host, foreseen }) => ({
      host,
      foreseen,
      ring: ringOf(host) as number,
      // Where hosts go on serving none is more precious than another.
      precious: pace.unbounded ? 'plain' : preciousOf(host, placement, isAlertPath, isDatabase),
      claims: budgets.claims(host, input.run),
    })),
  );

  const hosts: PlannedHost[] = [];
  const planned: PlannedRing[] = [];
  let wave = 0;
  let largest = 0;
  for (const [ring, name] of rings.entries()) {
    const inRing = going.filter((one) => one.ring === ring);
    const firstWave = wave;
    for (const members of wavesOf(inRing, waveSize(pace, inRing.length, input.batch), budgets.limit)) {
      largest = Math.max(largest, members.length);
      for (const { host, foreseen, claims } of members) {
        hosts.push(
          plannedHost(host.name, ring, foreseen, { wave, claims, warnings: input.risk === 'disrupt' ? warningsOf(host, fleet, placement, groups) : [] }),
        );
      }
      wave++;
    }
    for (const { host, foreseen, skip } of skipped) {
      // One whose ring has nobody left stands with the last.
      if ((ringOf(host) ?? rings.length - 1) === ring) hosts.push({ ...plannedHost(host.name, ring, foreseen, {}), skip });
    }
    planned.push({
      name,
      firstWave,
      lastWave: wave - 1,
      approval: approvalNeeded({
        ...input,
        hosts: inRing.map(({ host, foreseen }) => ({ host, safe: foreseen?.safe })),
        safe: input.safe ?? false,
        containment: input.containment ?? false,
        size: going.length,
        placement,
        isDatabase,
      }),
      ...(planned.length === 0 ? { soakBefore: 0, workingMorning: false } : soakBefore(name, defaults)),
    });
  }
  return frozen({
    job: input.job,
    params: input.params,
    expression: input.expression,
    mode: input.mode,
    of: input.of,
    risk: input.risk,
    containment: input.containment ?? false,
    safe: input.safe ?? false,
    compare: input.compare ?? false,
    hosts,
    rings: planned,
    waves: wave,
    limits: { [`run:${input.run}`]: largest, ...limitsOf(going, budgets) },
    pace: { ...pace, ...(pace.site !== undefined && { site: Math.min(pace.site, Number.MAX_SAFE_INTEGER) }) },
    thresholds: {
      lost: defaults['halt.lost'],
      failed: Math.min(defaults['halt.failed'], input.halts?.failed ?? Number.POSITIVE_INFINITY),
      unverified: Math.min(defaults['halt.unverified'], input.halts?.unverified ?? Number.POSITIVE_INFINITY),
    },
    startAt: input.startAt,
  });
}

/** Of `batch.*` and `soak.*`; where a host of it carries guests, everybody waits as long as for one that does. */
function usualPace({ targets, defaults }: PlanInput, placement: Placement): Pace {
  const parents = targets.some(({ host, excluded, foreseen }) => !excluded && !foreseen?.skip && placement.carries(host.name));
  return {
    first: defaults['batch.first'],
    hosts: defaults['batch.hosts'],
    share: defaults['batch.share'],
    soakCanary: defaults[parents ? 'soak.canary_parent' : 'soak.canary'],
    soakWave: defaults[parents ? 'soak.wave_parent' : 'soak.wave'],
  };
}

/** Into production the long way, with a working morning; into any other ring the short one. */
const soakBefore = (ring: string, defaults: Defaults): { soakBefore: number; workingMorning: boolean } =>
  isProduction(ring, defaults)
    ? { soakBefore: defaults['soak.nonprod'], workingMorning: defaults['soak.working_morning'] }
    : { soakBefore: defaults['soak.lab'], workingMorning: false };

/** Members of a cluster, and hosts that were seen, or are said in the inventory, to hold a primary. */
function databasesOf({ fleet, groups, known }: PlanInput): (host: string) => boolean {
  const members = new Set(Object.entries(groups).flatMap(([name, { quorum }]) => (quorum ? (fleet.groups.get(name) ?? []) : [])));
  return (host) => members.has(host) || [known.get(host)?.facts, fleet.hosts.get(host)?.vars].some((facts) => facts !== undefined && isPrimary(facts));
}

/** `database_primary: true`, or `database: postgres primary` as scripts say it. */
const isPrimary = ({ database_primary, database }: Facts): boolean =>
  database_primary === true || (typeof database === 'string' && /\bprimary\b/.test(database));

function limitsOf(going: readonly { claims: string[] }[], budgets: Budgets): Record<string, number> {
  const limits: Record<string, number> = {};
  for (const { claims } of going) for (const claim of claims) if (!claim.startsWith('run:')) limits[claim] ??= budgets.limit(claim);
  return limits;
}

function plannedHost(host: string, ring: number, foreseen: Foreseen | undefined, more: { wave?: number; claims?: string[]; warnings?: string[] }): PlannedHost {
  const notes = [...(more.warnings ?? []), ...(foreseen?.notes ?? [])];
  return {
    host,
    ring,
    wave: more.wave,
    claims: more.claims ?? [],
    does: foreseen?.does ?? '',
    class: foreseen?.class ?? '',
    needsMb: foreseen?.needsMb,
    ...(notes.length > 0 && { notes }),
  };
}

/** As the database will give it back, and nobody changes it. */
function frozen(plan: Plan): Plan {
  return freeze(JSON.parse(JSON.stringify(plan)) as Plan);
}

function freeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) freeze(inner);
  return Object.freeze(value);
}
