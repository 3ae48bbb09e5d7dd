import type { Tell } from '../deliver/tell.ts';
import type { HostOutcome } from '../jobs.ts';
import type { HostEnd } from '../runs/world.ts';
import type { Tx } from '../store/db.ts';
import { record } from '../store/events.ts';
import { toJsonb } from '../store/json.ts';
import { holdShown } from './card.ts';
import { endIfOver } from './end.ts';
import { type HeldState, holdRow } from './rows.ts';

/** Keeps what runs of `pause updates` and `resume updates` did to a host. */
export async function holdHostEnded(tx: Tx, end: HostEnd): Promise<void> {
  if (end.job === 'pause updates') return end.mode === 'undo' ? resumed(tx, end, await holdsOfRun(tx, end.run)) : paused(tx, end);
  if (end.job === 'resume updates' && end.mode === 'do') return resumed(tx, end, strings(end.memory.holds));
}

/** Ends holds of which nothing is left, and says in the hold what the run came to. */
export async function holdRunEnded(tx: Tx, tell: Tell, end: { run: string; job: string; state: string; at: number }): Promise<void> {
  if (end.job !== 'pause updates' && end.job !== 'resume updates') return;
  const holds = end.job === 'pause updates' ? await holdsOfRun(tx, end.run) : await holdsResumedBy(tx, end.run);
  for (const hold of holds) {
    const counts = await tx.query<{ state: HeldState; hosts: number }>(`select state, count(*)::int as hosts from hold_hosts where hold = $1 group by state`, [
      hold,
    ]);
    const data = { run: end.run, hosts: Object.fromEntries(counts.map(({ state, hosts }) => [state, hosts])) };
    await record(tx, { thing: hold, type: end.job === 'pause updates' ? 'paused' : 'resumed', data, by: 'holdfast', at: end.at });
    await endIfOver(tx, hold, end.job === 'resume updates', end.at);
    await sayHow(tx, tell, hold, end);
  }
}

/** The run's card tells of hosts; what stands from now on is the hold, with its id and its end. */
async function sayHow(tx: Tx, tell: Tell, id: string, end: { run: string; at: number }): Promise<void> {
  const place = (await holdRow(tx, id))?.place;
  const { card, json } = await holdShown(tx, id, { now: end.at, zone: place?.zone ?? 'UTC' });
  if (!place || (json.state === 'ended' && json.run === end.run)) return;
  const { title, tone, body, actions } = card;
  await tell.tell(tx, {
    key: `hold:${id} ${end.run}`,
    to: { place },
    card: { title, ...(tone && { tone }), ...(body && { body }), ...(actions && { actions }) },
    at: end.at,
  });
}

async function paused(tx: Tx, { run, host, outcome, detail, memory, at }: HostEnd): Promise<void> {
  const lines = strings(memory.record);
  const state = stateAfterPause(outcome, lines.length > 0);
  await tx.query(
    `update hold_hosts hh set state = $3, detail = nullif($4, ''), recorded = case when $5::jsonb = '{}'::jsonb then hh.recorded else $5::jsonb end, looked = $6
     from holds h where h.run = $1 and hh.hold = h.id and hh.host = $2`,
    [run, host, state, detail, toJsonb(lines.length > 0 ? { lines } : {}), state === 'unverified' ? null : new Date(at)],
  );
}

/** `already` = nothing to pause there. What was touched and did not take is drift from the first moment on. */
export function stateAfterPause(outcome: HostOutcome, recorded: boolean): HeldState {
  if (outcome === 'ok') return 'held';
  if (outcome === 'already') return 'resumed';
  return outcome === 'failed' && recorded ? 'drifted' : 'unverified';
}

/** One that answered and could not be given everything back stays as it was: it is still partly held. */
async function resumed(tx: Tx, { host, outcome, detail, at }: HostEnd, holds: readonly string[]): Promise<void> {
  const state = outcome === 'ok' || outcome === 'already' ? 'resumed' : outcome === 'failed' || outcome === 'held' ? null : 'unverified';
  await tx.query(
    `update hold_hosts set state = coalesce($3, state), detail = nullif($4, ''), looked = $5 where hold = any ($1) and host = $2 and state <> 'resumed'`,
    [holds, host, state, detail, new Date(at)],
  );
}

async function holdsOfRun(tx: Tx, run: string): Promise<string[]> {
  return (await tx.query<{ id: string }>(`select id from holds where run = $1 and kind = 'updates'`, [run])).map(({ id }) => id);
}

async function holdsResumedBy(tx: Tx, run: string): Promise<string[]> {
  const [row] = await tx.query<{ holds: unknown }>(`select plan -> 'params' -> 'holds' as holds from runs where id = $1`, [run]);
  return strings(row?.holds);
}

const strings = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []);
