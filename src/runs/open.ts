import { setTimeout as sleep } from 'node:timers/promises';
import type { Renderer } from '../deliver/shown.ts';
import type { WorkHandler } from '../queue/worker.ts';
import { putOut } from '../store/outbox.ts';
import type { TimerHandler } from '../store/timers.ts';
import type { ApproverWorld } from './approvers.ts';
import { callOff } from './call-off.ts';
import { coordinate } from './coordinate.ts';
import { postDaily } from './post-again.ts';
import { approversNow, runRenderer } from './show.ts';
import { doSteps } from './step.ts';
import { runStopHook } from './stop-hooks.ts';
import { stopAll } from './stop-runs.ts';
import { wakeRun } from './wake.ts';
import type { RunsWorld } from './world.ts';

/** What the other parts of a process need of the runs: work, timers, how a run is shown, and what a stop brings about. */
export interface Runs {
  work: Record<'run' | 'step' | 'call off' | 'on stop', WorkHandler>;
  timers: Record<'run' | 'run card' | 'step', TimerHandler>;
  renderer: Renderer;
  /** The global halt was set, perhaps by a file while the database was down. */
  stopped(): void;
}

export function openRuns(world: RunsWorld & ApproverWorld): Runs {
  return {
    work: {
      run: (row) => coordinate(world, row),
      step: (row) => doSteps(world, row),
      'call off': (row) => callOff(world, row),
      'on stop': (row) => runStopHook(world, row),
    },
    timers: {
      run: async (tx, timer) => {
        await wakeRun(tx, timer.ref);
        return undefined;
      },
      'run card': (tx, timer) => postDaily(tx, world, timer.ref),
      step: async (tx, timer) => {
        await putOut(tx, 'step', [timer.ref]);
        return undefined;
      },
    },
    renderer: runRenderer({
      now: world.clock.now,
      config: world.config,
      fleet: world.fleet,
      job: world.job,
      approvers: (db, run) => approversNow(world, db, run),
    }),
    stopped: () => void haltAll(world),
  };
}

/** Wall ms. */
const AGAIN = 1000;

/** Nothing begins while the file is there; that the runs say so too waits for the database. */
async function haltAll(world: RunsWorld): Promise<void> {
  for (;;) {
    const state = world.stop.state();
    if (!state.stopped || world.ending.aborted) return;
    try {
      await world.db.tx((tx) =>
        stopAll(tx, world, { by: state.by, at: world.clock.now(), ...(state.because !== undefined && { because: state.because }) }, state.at),
      );
      return;
    } catch (error) {
      world.log.warn({ err: error }, 'runs could not be told of the stop yet; nothing of them begins all the same');
      await sleep(AGAIN, undefined, { ref: false });
    }
  }
}
