import { foldSome } from '../fleet/target/fold-some.ts';
import { sayDuration } from '../lib/duration.ts';
import type { Plan, PlannedHost, PlannedRing, Prediction } from './shapes.ts';
import { saySkipped } from './skipped.ts';
import type { WindowFit } from './window-fit.ts';
import { minutes } from './windows.ts';

/** What is shown beside the plan. */
export interface PlanAsides {
  prediction: Prediction;
  fit?: WindowFit;
  /** Every wave and every note on lines of their own, however many; for the attachment. */
  whole?: boolean;
  /** Waves of each ring that are told one by one; 6 unsaid. */
  waves?: number;
}

/** The lines of a plan: what is done, to whom in which order, who is left out by which rule, what can go wrong, how long it takes. */
export function planSay(plan: Plan, { prediction, fit, whole = false, waves = SHOWN_WAVES }: PlanAsides): string[] {
  const going = plan.hosts.filter(({ wave }) => wave !== undefined);
  const skipped = plan.hosts.filter((host): host is PlannedHost & { skip: { rule: string; because: string } } => host.skip !== undefined);
  const most = atMost(plan);
  const names = (hosts: readonly string[]): string => foldSome(hosts, whole ? Number.MAX_SAFE_INTEGER : 80);
  const few = (lines: string[], room: number): string[] =>
    whole || lines.length <= room ? lines : [...lines.slice(0, room), `… and ${lines.length - room} more`];
  return [
    `${plan.mode === 'undo' ? `undo ${plan.of}` : plan.job}: ${hostsIn(going.length)} in ${plan.waves === 1 ? '1 wave' : `${plan.waves} waves`}, never more than ${most} at once`,
    ...few(
      folded(going, ({ does }) => [does], names),
      4,
    ),
    ...plan.rings.flatMap((ring, at) =>
      ringLines(
        plan,
        ring,
        going.filter((host) => host.ring === at),
        names,
        whole ? Number.MAX_SAFE_INTEGER : waves,
      ),
    ),
    ...few(
      saySkipped(skipped, names).map((line) => `left out: ${line}`),
      4,
    ),
    ...(plan.safe ? [] : [`at most ${most === 1 ? '1 more host' : `${most} more hosts`} can be affected if it is wrong`]),
    `predicted ${length(prediction.p50)}, ${length(prediction.p95)} at p95 (${prediction.basis})`,
    ...(fit?.says ?? []),
    ...few(
      folded(going, ({ notes = [] }) => notes, names),
      6,
    ),
    ...plan.rings.flatMap(({ name, approval }) =>
      approval.length > 0 ? [`a second person is needed${name ? ` for ring ${name}` : ''}: ${approval.join('; ')}`] : [],
    ),
  ];
}

/** Waves told one by one; a large fleet has a thousand. */
const SHOWN_WAVES = 6;

function ringLines(plan: Plan, ring: PlannedRing, hosts: readonly PlannedHost[], names: (hosts: readonly string[]) => string, most: number): string[] {
  const waves = new Map<number, string[]>();
  for (const { host, wave = 0 } of hosts) waves.set(wave, [...(waves.get(wave) ?? []), host]);
  const lines = [...waves].map(([wave, members]) => {
    const canary = wave === ring.firstWave && plan.pace.first.length > 0 && wave !== ring.lastWave;
    return `wave ${wave + 1}: ${names(members)}${canary ? `, then watched for ${sayDuration(plan.pace.soakCanary)}` : ''}`;
  });
  const shown = lines.length <= most + 1 ? lines : lines.slice(0, most);
  if (shown.length < lines.length) {
    const rest = [...waves.values()].slice(most).flat();
    shown.push(`waves ${ring.firstWave + most + 1}–${ring.lastWave + 1}: ${names(rest)}`);
  }
  if (ring.name === '' && plan.rings.length === 1) return shown;
  const wait = ring.soakBefore > 0 ? `, ${sayDuration(ring.soakBefore)}${ring.workingMorning ? ' and a working morning' : ''} after the ring before it` : '';
  return [`ring ${ring.name || 'of hosts in none'}: ${hostsIn(hosts.length)}${wait}`, ...shown];
}

/** Equal words with whom they are about: `kvm[01-12]: drain, reboot`. */
function folded(hosts: readonly PlannedHost[], says: (host: PlannedHost) => readonly string[], names: (hosts: readonly string[]) => string): string[] {
  const groups = new Map<string, string[]>();
  for (const host of hosts) {
    for (const what of says(host)) {
      const list = groups.get(what);
      if (list) list.push(host.host);
      else if (what !== '') groups.set(what, [host.host]);
    }
  }
  return [...groups].map(([what, who]) => `${names(who)}: ${what}`);
}

/** What may be in flight when it is noticed: the largest wave, which the run's own budget is. */
export function atMost({ limits }: Pick<Plan, 'limits'>): number {
  const own = Object.keys(limits).find((budget) => budget.startsWith('run:'));
  return own === undefined ? 1 : (limits[own] as number);
}

/** `96 min`, as predictions are said, and `4 h 20 m` where nobody counts minutes. */
const length = (ms: number): string => (ms < 7_200_000 ? minutes(ms) : sayDuration(ms));

const hostsIn = (count: number): string => (count === 1 ? '1 host' : `${count} hosts`);
