import { crashPoint } from '../lib/crash.ts';
import { NoLongerOurs } from '../queue/worker.ts';
import { decide } from '../rollout/decide.ts';
import { finishWork, type OutboxRow } from '../store/outbox.ts';
import { applyNext } from './apply.ts';
import { runRow } from './rows.ts';
import { seen } from './seen.ts';
import { lockFleet } from './slots.ts';
import { viewOf } from './view.ts';
import { changeJob, type RunsWorld } from './world.ts';

/**
 * Asks `decide` what is next for one run and writes exactly that, in one transaction under the fleet's lock, so that what was
 * free when it was decided is free when it is taken (promise 7).
 */
export async function coordinate(world: RunsWorld, row: OutboxRow): Promise<void> {
  await world.db.tx(async (tx) => {
    await lockFleet(tx);
    if (!(await finishWork(tx, row, 'done'))) throw new NoLongerOurs();
    const run = await runRow(tx, row.ref, 'for update');
    if (!run || FINAL.has(run.state)) return;
    const view = await viewOf(tx, run);
    const job = changeJob(world, run.job);
    const next = decide(view, await seen(tx, world, run, view));
    crashPoint('run.decided');
    await applyNext(tx, world, job, run, view, next);
  });
  crashPoint('run.started');
}

const FINAL: ReadonlySet<string> = new Set(['done', 'cancelled', 'expired']);
