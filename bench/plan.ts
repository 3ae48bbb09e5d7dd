import type { Fleet } from '../src/fleet/fleet.ts';
import type { Host } from '../src/fleet/host.ts';
import type * as hash from '../src/rollout/hash.ts';
import type { makePlan, PlanInput } from '../src/rollout/plan.ts';
import type * as say from '../src/rollout/plan-say.ts';
import type * as prediction from '../src/rollout/predict.ts';
import { defaults, type HostSketch, sketch } from '../test/rollout/roster-fleet.ts';
import { built } from './copy.ts';
import { median, print, table, time } from './table.ts';

const HOSTS = 5000;
const ROUNDS = 7;

/** The plan of a reboot of 5,000 hosts, in fleets that get in each other's way in different places; the aim is well under a second. */
export async function run(): Promise<void> {
  const { makePlan: make } = await built<{ makePlan: typeof makePlan }>('src/rollout/plan');
  const { hashPlan } = await built<typeof hash>('src/rollout/hash');
  const { predict } = await built<typeof prediction>('src/rollout/predict');
  const { planSay } = await built<typeof say>('src/rollout/plan-say');
  const rows: string[][] = [];
  for (const [name, sketches, more] of FLEETS) {
    const fleet = sketch(sketches);
    const input = inputOf(fleet, more);
    const plan = make(input);
    const text = JSON.stringify(plan);
    // What the database is written with anyway, and reads back.
    const baseline = taking(() => JSON.parse(JSON.stringify(plan)));
    const planning = taking(() => make(input));
    const hashing = taking(() => hashPlan(plan));
    const estimates = new Map(input.targets.map(({ host }) => [host.name, ESTIMATE]));
    const telling = taking(() => planSay(plan, { prediction: predict(plan, { history: {}, estimates, defaults }) }));
    rows.push([
      name,
      String(plan.waves),
      `${Math.round(text.length / 1024)} kB`,
      time(baseline),
      time(planning),
      (planning / baseline).toFixed(1),
      time(hashing),
      time(telling),
    ]);
  }
  table(['5,000 hosts', 'waves', 'plan', 'baseline: as JSON and back', 'makePlan', 'by the baseline', 'hashPlan', 'predict, planSay'], rows);
  const small = inputOf(sketch(guests(HOSTS / 10)), {});
  const large = inputOf(sketch(guests(HOSTS)), {});
  const [few, many] = [taking(() => make(small)), taking(() => make(large))];
  print(`ten times the hosts: ${time(few)} → ${time(many)}, ${(many / few).toFixed(1)} times as long`);
}

const ESTIMATE = { p50: 120_000, p95: 300_000 };

/** Guests of 250 hypervisors in ten sites, in pairs that stand in two. */
const guests = (count: number): HostSketch[] =>
  Array.from({ length: count }, (_, at) => {
    const parents = Math.max(10, count / 20);
    const parent = at % parents;
    if (at < parents) return { name: `kvm${at}`, site: `s${at % 10}`, ring: 'prod' };
    return { name: `vm${at}`, site: `s${parent % 10}`, ring: at % 3 ? 'prod' : 'nonprod', parent: `kvm${parent}`, redundancy: [`pair${at >> 1}`] };
  });

const FLEETS: [name: string, hosts: HostSketch[], more: Partial<PlanInput>][] = [
  ['guests of 250 hypervisors, 10 sites', guests(HOSTS), {}],
  ['the same, by rings', guests(HOSTS), { byRings: true }],
  ['all in one site', Array.from({ length: HOSTS }, (_, at) => ({ name: `h${at}`, site: 's', ring: 'prod' })), {}],
  [
    'all guests of one parent',
    Array.from({ length: HOSTS }, (_, at) => ({ name: `h${at}`, site: `s${at % 10}`, ring: 'prod', ...(at > 0 && { parent: 'h0' }) })),
    {},
  ],
  ['each in a site of its own', Array.from({ length: HOSTS }, (_, at) => ({ name: `h${at}`, site: `s${at}`, ring: 'prod' })), {}],
  ['unbounded, one wave', guests(HOSTS), { pace: { first: [], soakCanary: 0, soakWave: 0, unbounded: true } }],
];

function inputOf(fleet: Fleet, more: Partial<PlanInput>): PlanInput {
  return {
    run: 'R1',
    job: 'reboot',
    params: {},
    expression: '@all',
    mode: 'do',
    risk: 'disrupt',
    compare: true,
    targets: [...fleet.hosts.values()].map((host: Host) => ({ host, foreseen: { does: 'reboot into 6.1.0-41', class: 'vm', estimate: ESTIMATE } })),
    asking: { by: 'bench', source: 'person' },
    fleet,
    groups: {},
    known: new Map(),
    defaults,
    ...more,
  };
}

function taking(work: () => unknown): number {
  work();
  return median(
    Array.from({ length: ROUNDS }, () => {
      const from = performance.now();
      work();
      return performance.now() - from;
    }),
  );
}
