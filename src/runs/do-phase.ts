import { checkHost } from '../fleet/check-host.ts';
import { checkParams } from '../fleet/check-params.ts';
import type { Facts, Host, HostState } from '../fleet/host.ts';
import { type ExecResult, HeldBack } from '../fleet/ssh/transport.ts';
import type { ChangeJob, HostResult, Memory, Step, StepContext } from '../jobs.ts';
import { errorId } from '../lib/ids.ts';
import { Refusal } from '../lib/refusal.ts';
import { compareWithBaseline } from '../rollout/compare.ts';
import type { Phase } from '../rollout/shapes.ts';
import { exclusionsFor } from '../rules/exclusions.ts';
import { guestBoots, guestDifferences } from './guest-boots.ts';
import { once } from './once.ts';
import { type HostRow, intentOf, type RunRow } from './rows.ts';
import type { RunsWorld } from './world.ts';

/** Wall ms a script of a step may take. */
const SCRIPT_TIME = 20_000;

/** Domain ms that what comes up late has, and between two looks. */
const SETTLING = 120_000;
const LOOK_AGAIN = 15_000;

/** A step, and what a look at the host brought to be known of it. */
export type Stepped = Step & { looked?: HostResult };

/** One step of one host. Throws HeldBack where everything was stopped before the host heard of it, and nothing else for the host's sake: what we trip over leaves the host unverified, under an error id. */
export async function doPhase(world: RunsWorld, run: RunRow, job: ChangeJob, row: HostRow, known: HostState | undefined): Promise<Stepped> {
  const host = world.fleet().hosts.get(row.host);
  if (!host) return { step: 'end', outcome: row.phase === 'verify' ? 'unverified' : 'failed', detail: 'no longer in the inventory' };
  const context = contextOf(world, run, row, host, known);
  try {
    if (row.phase === 'baseline') return await baseline(world, host, context);
    if (row.phase === 'compare') return await compare(world, host, context, row);
    const step = stepOf(job, row.phase);
    return step ? await step(host, context) : { step: 'done' };
  } catch (error) {
    if (error instanceof HeldBack) throw error;
    if (world.ending.aborted) return { step: 'wait', lookAgainIn: 0, waitingFor: 'the next start' };
    // A script that is no longer the one that was approved, say: what it is, and what to do, stands in its words.
    if (error instanceof Refusal) return { step: 'end', outcome: 'unverified', detail: error.message };
    const id = errorId();
    world.log.error({ err: error, id, run: run.id, host: row.host, phase: row.phase }, 'a step of a run failed');
    return { step: 'end', outcome: 'unverified', detail: `something of ours failed during "${row.phase}" (${id}); the log has the details under that id` };
  }
}

function stepOf(job: ChangeJob, phase: HostRow['phase']): ChangeJob['verify'] {
  if (phase === 'prepare') return job.prepare;
  if (phase === 'act') return job.act;
  if (phase === 'verify') return job.verify;
  if (phase === 'settle') return job.settle;
  if (phase === 'undo') return job.undo;
  return undefined;
}

/** What the host is before anything is done to it. One that does not answer is not begun with. */
async function baseline(world: RunsWorld, host: Host, context: StepContext<unknown>): Promise<Stepped> {
  const before = await look(world, host, context);
  if (before.reach !== 'ok')
    return {
      step: 'end',
      outcome: 'failed',
      detail: `not begun: it does not answer (${before.reach}${before.detail ? `: ${before.detail}` : ''})`,
      looked: before,
    };
  const boots = await guestBoots(host, context, before.facts ?? {});
  return { step: 'done', looked: before, ...(Object.keys(boots).length > 0 && { remember: { guestBoots: boots } }) };
}

async function compare(world: RunsWorld, host: Host, context: StepContext<unknown>, row: HostRow): Promise<Stepped> {
  const after = await look(world, host, context);
  if (after.reach !== 'ok') return { step: 'end', outcome: 'lost', detail: `it was back, and no longer answers (${after.reach})`, looked: after };
  const guests = await guestDifferences(context, (row.memory.guestBoots as Memory | undefined) ?? {});
  const differences = [...compareWithBaseline(row.baseline ?? {}, after.facts ?? {}, row.memory), ...guests];
  const grave = differences.filter((difference) => difference.grave);
  // Services come up after their host: what may pass is looked at again for a while before it counts.
  if (grave.length > 0 && grave.every(({ mayPass }) => mayPass) && context.clock.now() - context.since < SETTLING)
    return { step: 'wait', lookAgainIn: LOOK_AGAIN, waitingFor: `what may still come back: ${sayList(grave.map(({ what }) => what))}`, looked: after };
  const remember = { differences: differences.map(({ what }) => what), newFailed: newFailed(row.baseline ?? {}, after.facts ?? {}) };
  if (grave.length === 0) return { step: 'done', remember, looked: after };
  return { step: 'end', outcome: 'failed', detail: `back, but ${sayList(differences.map(({ what }) => what))}`, remember, looked: after };
}

function look(world: RunsWorld, host: Host, context: StepContext<unknown>): ReturnType<typeof checkHost> {
  return checkHost(host, { params: checkParams(world.config()), clock: world.clock, ...(context.known && { known: context.known }), script: context.script });
}

function newFailed(before: Facts, after: Facts): string[] {
  const units = (facts: Facts): unknown[] => (Array.isArray(facts.failed_units) ? facts.failed_units : []);
  return units(after)
    .filter((unit) => !units(before).includes(unit))
    .map(String);
}

function sayList(what: readonly string[]): string {
  return what.length < 2 ? what.join('') : `${what.slice(0, -1).join(', ')} and ${what.at(-1)}`;
}

/** Phases that do something which a stop keeps from being begun. */
const BEGINS: ReadonlySet<Phase> = new Set(['prepare', 'act', 'undo']);

function stoppedBy({ stop }: RunsWorld): string | undefined {
  const state = stop.state();
  return state.stopped ? `stopped by ${state.by}` : undefined;
}

export function contextOf(world: RunsWorld, run: RunRow, row: HostRow, host: Host, known: HostState | undefined): StepContext<unknown> {
  const stoppable = !run.plan.safe && BEGINS.has(row.phase as Phase);
  const exec = (on: Host, name: string, args: readonly string[] = [], timeout = SCRIPT_TIME): Promise<ExecResult> =>
    world.ssh.exec(on, { script: name, args, timeout, ...(stoppable && { unless: () => stoppedBy(world) }) });
  const intent = intentOf(row);
  return {
    params: run.plan.params,
    clock: world.clock,
    ...(known && { known }),
    run: { id: run.id, by: run.by, ...(run.because !== null && { because: run.because }) },
    intent,
    since: (row.phase_since ?? row.started ?? new Date(world.clock.now())).getTime(),
    memory: row.memory,
    ...(row.baseline && { baseline: row.baseline }),
    config: world.config(),
    fleet: world.fleet(),
    keptOff: async () => (await exclusionsFor({ records: world.db, fleet: world.fleet }, { job: run.job, hosts: [host] })).keptOff.get(host.name) ?? [],
    predicted: run.prediction.host[row.planned.class] ?? { p50: 0, p95: 0 },
    script: (name, args, timeout) => exec(host, name, args, timeout),
    scriptOn: (other, name, args, timeout) => {
      const on = world.fleet().hosts.get(other);
      if (!on) throw new Error(`${name} is to run on ${other}, which is not in the inventory`);
      return exec(on, name, args, timeout);
    },
    once: (key, effect) => once(world, run.job, `${intent}/${key}`, effect),
  };
}
