import { atOnce } from './gates/at-once.ts';
import { budgets } from './gates/budgets.ts';
import { canaryFirst } from './gates/canary-first.ts';
import { capacity } from './gates/capacity.ts';
import { sameHost } from './gates/same-host.ts';
import { waveOrder } from './gates/wave-order.ts';
import { window } from './gates/window.ts';
import type { Next, RunView, World } from './shapes.ts';
import { approval, expiry, hash, loneMinute, ringApproval } from './stages/approval.ts';
import { final, halted } from './stages/final.ts';
import { late, startTime } from './stages/hour.ts';
import { incidents } from './stages/incidents.ts';
import { overdue, slow } from './stages/overdue.ts';
import { rules } from './stages/rules.ts';
import { ringSoak, soak, workingMorning } from './stages/soak.ts';
import { type Deciding, type Gate, type Ruling, ringOf, type Stage } from './stages/stage.ts';
import { start } from './stages/start.ts';
import { stopped } from './stages/stopped.ts';
import { canary, failed, held, lost, unverified } from './stages/thresholds.ts';
import { waveEnded } from './stages/wave-ended.ts';
import { takenBy } from './taken.ts';

/**
 * What is to be done now with a run, and why. Pure: the same view and world always give the same. Asked whenever a host
 * ended, a person said something, a place was given back, or `lookAt` has come; when it says another wave, ask again with
 * that wave's hosts.
 */
export function decide(run: RunView, world: World): Next {
  return decideBy(STAGES, GATES, run, world);
}

/** Looked at in this order; the first that rules ends it. */
const STAGES: readonly Stage[] = [
  final,
  slow,
  halted,
  expiry,
  stopped,
  canary,
  lost,
  failed,
  unverified,
  held,
  approval,
  ringApproval,
  hash,
  loneMinute,
  startTime,
  late,
  ringSoak,
  workingMorning,
  soak,
  incidents,
  rules,
  waveEnded,
  overdue,
  start,
];

/** Each is asked about each host that could begin. */
const GATES: readonly Gate[] = [waveOrder, sameHost, window, capacity, ...budgets, atOnce, canaryFirst];

/** Every guard by its name; `start` is none. @public */
export const GUARDS: readonly string[] = [...STAGES.filter((stage) => stage !== start), ...GATES].map(({ name }) => name);

/** The same without one guard: tests take each away to see that something notices. @public */
export function decideWithout(guard: string): typeof decide {
  const kept = ({ name }: { name: string }) => name !== guard;
  const [stages, gates] = [STAGES.filter(kept), GATES.filter(kept)];
  return (run, world) => decideBy(stages, gates, run, world);
}

function decideBy(stages: readonly Stage[], gates: readonly Gate[], run: RunView, world: World): Next {
  const at: Deciding = {
    run,
    world,
    now: world.now,
    ring: ringOf(run.plan.rings, run.wave),
    waiting: run.hosts.filter(({ state }) => state === 'waiting'),
    going: run.hosts.filter(({ state }) => state === 'going'),
    skip: [],
    say: [],
    looks: [],
    gates,
    taken: takenBy(run, world),
  };
  for (const stage of stages) {
    const ruling = stage.look(at);
    if (ruling) return answer(at, ruling);
  }
  return answer(at, { state: run.state, because: `nothing to do for ${run.id}` });
}

function answer(at: Deciding, ruling: Ruling): Next {
  const { run } = at;
  const { wave = run.wave, start: begin = [], waiting, ...rest } = ruling;
  if (waiting?.until !== undefined) at.looks.push(waiting.until);
  const lookAt = Math.min(...at.looks.filter((time) => time >= at.now));
  return {
    ...rest,
    wave,
    start: begin,
    skip: at.skip,
    say: at.say.filter(({ key }) => !run.said.includes(key)),
    ...(waiting && { waiting }),
    ...(Number.isFinite(lookAt) && { lookAt }),
    ...(at.due !== undefined && at.due !== run.due && { due: at.due }),
  };
}
