import type { ChangeJob } from '../jobs.ts';
import { errorId } from '../lib/ids.ts';
import { NoLongerOurs } from '../queue/worker.ts';
import { finishWork, type OutboxRow } from '../store/outbox.ts';
import { contextOf } from './do-phase.ts';
import { endHosts } from './end-hosts.ts';
import { type HostRow, type RunRow, runRow } from './rows.ts';
import { changeJob, type RunsWorld } from './world.ts';

/**
 * After a stop: calls off what was scheduled on hosts and has not happened. What cannot be called off any more goes on to
 * be looked at until its outcome is known.
 */
export async function callOff(world: RunsWorld, row: OutboxRow): Promise<void> {
  const run = await runRow(world.db, row.ref);
  const job = run && changeJob(world, run.job);
  if (run && job?.callOff) {
    const hosts = await world.db.query<HostRow>(`select * from run_hosts where run = $1 and state = 'going' and phase in ('act', 'verify')`, [run.id]);
    await Promise.all(hosts.map((host) => callOffOne(world, run, job, host)));
  }
  if (!(await finishWork(world.db, row, 'done'))) throw new NoLongerOurs();
}

/** Meanwhile a step may go on with the host, so that our rev is stale: what was called off is called off all the same. */
const TRIES = 5;

async function callOffOne(world: RunsWorld, run: RunRow, job: ChangeJob, first: HostRow): Promise<void> {
  const host = world.fleet().hosts.get(first.host);
  if (!host || !job.callOff) return;
  try {
    const step = await job.callOff(host, contextOf(world, run, { ...first, phase: 'call off' }, host, undefined));
    if (step.step !== 'done') return;
    for (let tried = 0; tried < TRIES; tried += 1) {
      const [now] = await world.db.query<HostRow>(`select * from run_hosts where run = $1 and host = $2 and state = 'going'`, [run.id, first.host]);
      if (!now) return;
      const ended = {
        host: now,
        outcome: 'held' as const,
        detail: step.detail ?? 'called off before it happened',
        memory: { ...now.memory, ...step.remember },
      };
      const written = await world.db
        .tx((tx) => endHosts(tx, world, run, [ended], world.clock.now()))
        .then(() => true)
        .catch((error: unknown) => {
          if (error instanceof NoLongerOurs) return false;
          throw error;
        });
      if (written) return;
    }
  } catch (error) {
    world.log.error({ err: error, id: errorId(), run: run.id, host: first.host }, 'what was scheduled on a host could not be called off');
  }
}
