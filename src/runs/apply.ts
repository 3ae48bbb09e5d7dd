import type { ChangeJob } from '../jobs.ts';
import type { Next, RunView } from '../rollout/shapes.ts';
import type { Tx } from '../store/db.ts';
import { record } from '../store/events.ts';
import { toJsonb } from '../store/json.ts';
import { armTimer } from '../store/timers.ts';
import { ringAsked } from './approvers.ts';
import { count } from './count.ts';
import { recordHalt } from './halt.ts';
import { recordMaintenance } from './maintenance.ts';
import { postAgain } from './post-again.ts';
import { isAwaited, isStuck, outcomeOf, rests, showRun } from './rest.ts';
import { type RunRow, runNamed } from './rows.ts';
import { sayOnce } from './say.ts';
import { giveBack } from './slots.ts';
import { startHosts } from './start-hosts.ts';
import { wakeRun } from './wake.ts';
import type { RunsWorld } from './world.ts';

/** Writes what was decided: state, slots with intents, work, timers, what is said, and how the lines that wait end. */
export async function applyNext(tx: Tx, world: RunsWorld, job: ChangeJob, run: RunRow, view: RunView, next: Next): Promise<void> {
  const now = world.clock.now();
  await dropOut(tx, run, next, now);
  await startHosts(tx, run, job, next.start, now);
  const incident = next.halt ? await recordHalt(tx, world, run, next.halt, now) : run.incident;
  const said = await sayOnce(tx, world, run, next.say, now);
  const turn = next.askAgain || (next.waiting?.for === 'approval' && run.waiting?.for !== 'approval' && next.state === 'running');
  const over = FINAL.has(next.state);
  await tx.query(
    `update runs set state = $2, wave = $3, rev = rev + 1, said = $4, waiting = $5, incident = $6,
       wave_ended = coalesce($7, wave_ended), ring_ended = coalesce($8, ring_ended), begun_at = coalesce($9, begun_at),
       ended = $10, halted = case when $2 = 'halted' then coalesce($11::jsonb, halted) when $2 = 'running' then null else halted end,
       due = coalesce($12, due), approvals = case when $13 then '{}'::jsonb else approvals end, asked_at = case when $13 then $14 else asked_at end
     where id = $1`,
    [
      run.id,
      next.state,
      next.wave,
      toJsonb(said),
      next.waiting ? toJsonb(next.waiting) : null,
      incident,
      date(next.waveEnded),
      date(next.ringEnded),
      date(next.begunAt),
      over ? new Date(now) : null,
      next.halt ? toJsonb({ reason: next.halt.reason, by: 'holdfast', because: next.halt.because, at: now }) : null,
      date(next.due),
      next.askAgain === true,
      new Date(now),
    ],
  );
  if (next.begunAt !== undefined && !run.begun_at) await recordMaintenance(tx, run, 'begun', now, { until: new Date(now + run.prediction.p95).toISOString() });
  if (next.askAgain) await recordMaintenance(tx, run, 'delayed', now, { because: next.because });
  if (over) {
    if (run.begun_at) await recordMaintenance(tx, run, 'ended', now);
    await record(tx, { thing: run.id, type: next.state, data: { because: next.because }, by: 'holdfast', at: now });
    for (const told of world.runEnded) await told(tx, { run: run.id, job: run.job, state: next.state, at: now });
  } else if (next.lookAt !== undefined) await armTimer(tx, { kind: 'run', ref: run.id, due: Math.max(next.lookAt, now + 1) });
  if (turn) await askAgain(tx, world, run.id, now);
  // The hosts of the next wave are not in this view.
  if (!over && (next.wave !== run.wave || next.skip.length > 0)) await wakeRun(tx, run.id);
  else await show(tx, run, view, next, now);
  world.log.info({ run: run.id, state: next.state, wave: next.wave, start: next.start.length, waiting: next.waiting?.for }, next.because);
}

const FINAL: ReadonlySet<string> = new Set(['done', 'cancelled', 'expired']);
const date = (at: number | undefined): Date | null => (at === undefined ? null : new Date(at));

/** A card that stands for long is final each time something about it turned, and no more often. */
async function show(tx: Tx, run: RunRow, view: RunView, next: Next, now: number): Promise<void> {
  const turned = next.state !== run.state || next.waiting?.for !== run.waiting?.for || next.halt !== undefined;
  if (!rests(view, next) && !(await isStuck(tx, view, next))) return showRun(tx, run.id, undefined, now);
  if (turned || (await isAwaited(tx, run.id))) await showRun(tx, run.id, outcomeOf(view, next), now);
}

/** A rule made since the plan leaves them out: hosts may drop out, never join (promise 9). */
async function dropOut(tx: Tx, run: RunRow, next: Next, now: number): Promise<void> {
  for (const { host, rule, because } of next.skip) {
    await tx.query(
      `update run_hosts set state = 'ended', outcome = 'skipped', detail = $3, rev = rev + 1, finished = $4 where run = $1 and host = $2 and state = 'waiting'`,
      [run.id, host, `${rule}: ${because}`, new Date(now)],
    );
    // One that was to be tried again may still hold what it held.
    await giveBack(tx, { run: run.id, hosts: [host], evidence: `left out by ${rule}`, at: now });
    await count(tx, run.id, 'skipped', 1);
  }
}

/** The next ring's turn, or an hour that was missed: whoever may say yes is asked anew. */
async function askAgain(tx: Tx, world: RunsWorld, id: string, now: number): Promise<void> {
  const run = await runNamed(tx, id);
  const ring = ringAsked(run);
  if (ring === undefined) return;
  await world.announce.approval(tx, run, ring, now);
  await postAgain(tx, world, run, `ring ${ring} ${now}`, now);
}
