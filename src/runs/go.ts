import type { ChangeJob } from '../jobs.ts';
import { Refusal } from '../lib/refusal.ts';
import { wakePages } from '../paging/wake.ts';
import type { Phase } from '../rollout/shapes.ts';
import type { Tx } from '../store/db.ts';
import { record } from '../store/events.ts';
import { toJsonb } from '../store/json.ts';
import { count } from './count.ts';
import { type HostRow, type RunRow, runNamed } from './rows.ts';
import { lockFleet } from './slots.ts';
import { phasesOf, startHosts } from './start-hosts.ts';
import { wakeRun } from './wake.ts';

/**
 * A person says that a run goes on: what has been counted so far no longer halts it, and incidents that held it are known.
 * `retry` tries hosts that are not well again; `on` only that one. A lost host, and one nobody knows about, is looked at again
 * before anything else: it may have come back, and must not be disrupted twice.
 */
export async function goOn(tx: Tx, id: string, job: ChangeJob, said: { by: string; at: number; retry: boolean; on?: string }): Promise<string[]> {
  await lockFleet(tx);
  const run = await runNamed(tx, id, 'for update');
  const again = said.retry || said.on !== undefined ? await hostsToTry(tx, run, said.on) : [];
  if (run.state !== 'halted' && run.state !== 'running' && !(run.state === 'done' && again.length > 0)) {
    throw new Refusal(`${id} is ${run.state}; there is nothing to go on with.${run.state === 'planned' ? ` "approve ${id}" approves it.` : ''}`);
  }
  if (run.state === 'running' && run.waiting?.for !== 'incident' && again.length === 0)
    throw new Refusal(`${id} goes already${run.waiting ? `; it waits: ${run.waiting.because}` : ''}.`);
  const counts = await tx.query<{ outcome: string; hosts: number }>(
    `select outcome, hosts from run_counts where run = $1 and outcome in ('failed', 'lost', 'unverified', 'held')`,
    [id],
  );
  const known = await tx.query<{ thing: string }>(`select distinct thing from events where type = 'opened' and thing like 'INC-%'`);
  for (const host of again) await takeUp(tx, run, job, host, said.at);
  const tried = new Map(again.map((host) => [host.outcome as string, again.filter((other) => other.outcome === host.outcome).length]));
  await tx.query(`update runs set state = 'running', rev = rev + 1, halted = null, waiting = null, ended = null, forgiven = $2, said = $3 where id = $1`, [
    id,
    toJsonb(Object.fromEntries(counts.map(({ outcome, hosts }) => [outcome, hosts - (tried.get(outcome) ?? 0)]))),
    toJsonb([...new Set([...run.said, ...known.map(({ thing }) => `incident:${thing}`)])]),
  ]);
  await record(tx, {
    thing: id,
    type: 'gone on',
    data: { ...(said.retry && { retry: true }), hosts: again.map(({ host }) => host) },
    by: said.by,
    at: said.at,
  });
  if (run.incident) await record(tx, { thing: run.incident, type: 'noted', data: { text: `${said.by} let ${id} go on` }, by: said.by, at: said.at });
  await wakeRun(tx, id);
  await wakePages(tx, [id, run.incident], said.at);
  return again.map(({ host }) => host);
}

async function hostsToTry(tx: Tx, run: RunRow, on?: string): Promise<HostRow[]> {
  const rows = await tx.query<HostRow>(
    `select * from run_hosts where run = $1 and state = 'ended' and outcome in ('failed', 'lost', 'unverified', 'held') and ($2::text is null or host = $2) order by position`,
    [run.id, on ?? null],
  );
  if (rows.length === 0)
    throw new Refusal(
      on === undefined ? `${run.id} has no host that failed, was lost or is held.` : `${on} is no host of ${run.id} that failed, was lost or is held.`,
    );
  return rows;
}

/**
 * Where it goes on: a host that was touched is looked at first, one that is held goes on where it was held, one that failed
 * begins anew under another intent.
 */
async function takeUp(tx: Tx, run: RunRow, job: ChangeJob, host: HostRow, at: number): Promise<void> {
  await count(tx, run.id, host.outcome as string, -1);
  const phase = phaseToGoOn(host, phasesOf(job, run.plan));
  if (phase === undefined) {
    await tx.query(
      `update run_hosts set state = 'waiting', outcome = null, detail = null, phase = null, try = try + 1, rev = rev + 1, wave = $3, finished = null, started = null, ended = null,
         memory = '{}', baseline = null, boot_before = null, boot_after = null where run = $1 and host = $2`,
      [run.id, host.host, run.wave],
    );
    return;
  }
  // What was called off is known to the host under its old intent, and would be refused.
  const { heldIn: _, calledOff, ...memory } = host.memory;
  await tx.query(
    `update run_hosts set state = 'waiting', outcome = null, detail = null, rev = rev + 1, wave = $3, finished = null, try = try + $4::int, memory = $5
     where run = $1 and host = $2`,
    [run.id, host.host, run.wave, calledOff ? 1 : 0, toJsonb({ ...memory, takenUp: at })],
  );
  // It still holds its slots, or was seen to be back meanwhile and is only looked at: nothing has to be decided about it.
  await startHosts(tx, run, job, [host.host], at, phase);
}

/** Absent = from the beginning, when its turn comes. */
function phaseToGoOn(host: HostRow, phases: readonly Phase[]): Phase | undefined {
  if (host.outcome === 'held') return host.ended === null ? phases.find((phase) => phase === host.memory.heldIn) : undefined;
  if (host.outcome === 'failed') return undefined;
  return phases.find((phase) => phase === 'verify');
}
