import { Refusal } from '../lib/refusal.ts';
import type { Tx } from '../store/db.ts';
import { record } from '../store/events.ts';
import { toJsonb } from '../store/json.ts';
import { putOut } from '../store/outbox.ts';
import { showRun } from './rest.ts';
import { type RunRow, runRow } from './rows.ts';
import { lockFleet } from './slots.ts';
import { beginStopHooks } from './stop-hooks.ts';
import { wakeRun } from './wake.ts';
import type { RunsWorld } from './world.ts';

/**
 * Stops runs by name: what has not begun is cancelled, what goes is halted, and scheduled shutdowns are called off. Nobody
 * needs anybody's leave to stop. Answers those it stopped.
 */
export async function stopRuns(tx: Tx, ids: readonly string[], stopped: { by: string; because?: string; at: number }): Promise<RunRow[]> {
  await lockFleet(tx);
  const done: RunRow[] = [];
  for (const id of [...ids].sort()) {
    const run = await runRow(tx, id, 'for update');
    if (!run || (run.state !== 'planned' && run.state !== 'running')) continue;
    const { by, at } = stopped;
    const because = stopped.because ?? `${by} stopped it`;
    const state = run.state === 'planned' ? 'cancelled' : 'halted';
    await tx.query(`update runs set state = $2, rev = rev + 1, halted = $3, waiting = null, ended = $4 where id = $1`, [
      id,
      state,
      toJsonb({ reason: 'person', by, because, at }),
      state === 'cancelled' ? new Date(at) : null,
    ]);
    await record(tx, { thing: id, type: state, data: { because }, by, at });
    if (state === 'cancelled') await showRun(tx, id, 'halted', at);
    else {
      await putOut(tx, 'call off', [id]);
      await wakeRun(tx, id);
    }
    done.push({ ...run, state });
  }
  return done;
}

/** Every run that may still begin something, for the bare `stop`, and our own automation. Runs in the safe direction go on. `since`: when the stop was set. */
export async function stopAll(
  tx: Tx,
  world: Pick<RunsWorld, 'config'>,
  stopped: { by: string; because?: string; at: number },
  since = stopped.at,
): Promise<RunRow[]> {
  await beginStopHooks(tx, world, { by: stopped.by, at: since });
  const rows = await tx.query<{ id: string }>(`select id from runs where state in ('planned', 'running') and not coalesce((plan ->> 'safe')::boolean, false)`);
  return stopRuns(
    tx,
    rows.map(({ id }) => id),
    stopped,
  );
}

/** Runs that still have a host of these before them or in hand. */
export async function runsTouching(tx: Pick<Tx, 'query'>, hosts: readonly string[]): Promise<string[]> {
  const rows = await tx.query<{ run: string }>(
    `select distinct h.run from run_hosts h join runs r on r.id = h.run
     where r.state in ('planned', 'running') and h.state <> 'ended' and h.host in (select jsonb_array_elements_text($1::jsonb))`,
    [JSON.stringify(hosts)],
  );
  if (rows.length === 0) throw new Refusal('No run that is planned or goes touches these hosts; nothing was stopped. A bare "stop" stops everything.');
  return rows.map(({ run }) => run);
}
