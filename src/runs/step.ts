import type { HostState } from '../fleet/host.ts';
import { HeldBack } from '../fleet/ssh/transport.ts';
import type { ChangeJob } from '../jobs.ts';
import { crashPoint } from '../lib/crash.ts';
import { NoLongerOurs } from '../queue/worker.ts';
import { knownHosts } from '../reading/knowledge.ts';
import { finishWork, isOurs, type OutboxRow, putOut } from '../store/outbox.ts';
import { armTimer } from '../store/timers.ts';
import { doPhase } from './do-phase.ts';
import { heldBack } from './held-back.ts';
import { type HostRow, type RunRow, runRow } from './rows.ts';
import { readRef } from './start-hosts.ts';
import { changeJob, type RunsWorld } from './world.ts';
import { type Done, writeSteps } from './write-steps.ts';

/** Wall ms after which a piece of work is handed back to the queue, so that none lasts much longer than 30 s. */
const TURN = 15_000;

/**
 * Carries hosts of a run through their steps, each written before the next begins, until every one of them waits for
 * something or has its outcome. Whoever comes back too late finds another rev, and nothing of theirs is written.
 */
export async function doSteps(world: RunsWorld, row: OutboxRow): Promise<void> {
  const { run: id, from, to } = readRef(row.ref);
  const began = performance.now();
  for (;;) {
    const run = await runRow(world.db, id);
    const hosts = run ? await due(world, id, from, to) : [];
    if (!run || hosts.length === 0) return notYet(world, row, id, from, to);
    const job = changeJob(world, run.job);
    const known = await knownHosts(
      world.db,
      hosts.map(({ host }) => host),
    );
    const done = await Promise.all(hosts.map(async (host): Promise<Done> => ({ host, step: await next(world, run, job, host, known.get(host.host)) })));
    if (world.ending.aborted) throw new NoLongerOurs();
    crashPoint('step.acted');
    const turn = performance.now() - began > TURN;
    const open = await world.db.tx(async (tx) => {
      if (!(await isOurs(tx, row))) throw new NoLongerOurs();
      const goOn = await writeSteps(tx, world, run, job, done);
      if (goOn && turn) await putOut(tx, 'step', [row.ref], run.plan.safe ? 'read' : run.plan.risk);
      if ((!goOn || turn) && !(await finishWork(tx, row, 'done'))) throw new NoLongerOurs();
      return goOn && !turn;
    });
    crashPoint('step.written');
    if (!open) return;
  }
}

/**
 * Nothing is due by the clock of this process. It was by that of the one in which the timer rang: one on a machine that is ahead, or
 * one that was killed before anybody wrote down how late it was. That timer is gone, and with it who would come back: it is armed
 * again, later by what this clock is behind, for the one that is ahead would ring it at once.
 */
async function notYet(world: RunsWorld, row: OutboxRow, run: string, from: number, to: number): Promise<void> {
  await world.db.tx(async (tx) => {
    if (!(await finishWork(tx, row, 'done'))) return;
    const waiting = await tx.query<{ position: number; due: Date }>(
      `select position, due from run_hosts where run = $1 and position between $2 and $3 and state = 'going' and due is not null order by position`,
      [run, from, to],
    );
    const now = world.clock.now();
    for (const { position, due } of waiting) {
      const behind = Math.max(0, due.getTime() - now);
      await armTimer(tx, { kind: 'step', ref: `${run}/${position}`, due: due.getTime() + behind });
    }
  });
}

/** Hosts of this piece that have something to do now: what waits has its timer. */
function due(world: RunsWorld, run: string, from: number, to: number): Promise<HostRow[]> {
  return world.db.query<HostRow>(
    `select * from run_hosts where run = $1 and position between $2 and $3 and state = 'going' and (due is null or due <= $4) order by position`,
    [run, from, to, new Date(world.clock.now())],
  );
}

async function next(world: RunsWorld, run: RunRow, job: ChangeJob, host: HostRow, known: HostState | undefined): Promise<Done['step']> {
  const back = await heldBack(world, run, job, host);
  if (back) return back;
  crashPoint('step.begun');
  try {
    return await doPhase(world, run, job, host, known);
  } catch (error) {
    if (!(error instanceof HeldBack)) throw error;
    return (await heldBack(world, run, job, host)) ?? { step: 'not begun', because: error.message };
  }
}
