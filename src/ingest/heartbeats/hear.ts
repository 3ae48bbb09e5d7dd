import type { AlertEvent } from '../../alerts/event.ts';
import { takeAlerts } from '../../alerts/take.ts';
import { sayDuration } from '../../lib/duration.ts';
import type { Ops } from '../../ops.ts';
import type { Tx } from '../../store/db.ts';
import { armTimer } from '../../store/timers.ts';
import { detailsIn, lineIn } from '../senders/read.ts';
import { type Beat, type Decided, missedAt, ping, type Signal } from './decide.ts';
import { type Known, knownHeartbeat } from './known.ts';
import { beatOf, type HeartbeatRow, heldRow, writeBeat } from './rows.ts';

/** The timer of one heartbeat: due when it is missed. */
export const HEARTBEAT = 'heartbeat';

export type HeartbeatsWorld = Pick<Ops, 'clock' | 'config' | 'fleet'>;

/** What a ping says, with what came along. */
export interface Pinged {
  signal: Signal;
  rid?: string;
  exit?: number;
  said?: string;
}

/** A ping in the transaction that acknowledges it. `made`: it is the first of one that no configuration has. */
export async function hear(tx: Tx, world: HeartbeatsWorld, known: Known, integration: string | null, said: Pinged): Promise<{ made: boolean }> {
  const now = world.clock.now();
  const row = await heldRow(tx, known.name, integration, now);
  const { signal, rid, exit, said: text } = said;
  const decided = ping(beatOf(row), { signal, at: now, ...(rid !== undefined && { rid }) }, known);
  await writeBeat(tx, row, decided.beat, { signal, at: now, ...(exit !== undefined && { exit }), ...(text !== undefined && { said: text }) });
  const due = waitsUntil(known, decided.beat);
  if (due === undefined) await tx.query(`delete from timers where kind = $1 and ref = $2`, [HEARTBEAT, known.name]);
  else await armTimer(tx, { kind: HEARTBEAT, ref: known.name, due });
  if (decided.says && !known.schedule.paused)
    await takeAlerts(tx, world, [alertOf(known, decided, { ...row, exit_status: exit ?? null, said: text ?? null })], now);
  return { made: row.rev === 1 && integration !== null };
}

/** The Watchdog of an integration is the heartbeat that says so: whether there is one. */
export async function hearWatchdog(tx: Tx, world: HeartbeatsWorld, integration: string, signal: 'success' | 'fail'): Promise<boolean> {
  const config = world.config();
  const name = Object.keys(config.heartbeats).find((one) => config.heartbeats[one]?.watchdog === integration);
  const known = name === undefined ? undefined : knownHeartbeat(config, name);
  if (!known) return false;
  await hear(tx, world, known, null, { signal });
  return true;
}

/** When it is missed; nothing is waited for as long as it is down, was never heard or is paused. */
export function waitsUntil({ schedule }: Known, beat: Beat): number | undefined {
  const due = schedule.paused ? undefined : missedAt(beat, schedule);
  return due === undefined || due > FURTHEST ? undefined : due;
}

/** A pattern that never comes again is never missed. */
const FURTHEST = 8e14;

/** The alert it makes, or ends. */
export function alertOf(known: Known, { says, because, beat }: Decided, row: Pick<HeartbeatRow, 'exit_status' | 'said' | 'last'>): AlertEvent {
  const last = beat.last ?? row.last?.getTime();
  const failed = because.startsWith('it failed');
  const words = failed && row.said !== null ? lineIn(row.said.trimEnd().split('\n').at(-1), 160) : undefined;
  const exit = failed && row.exit_status !== null ? ` with exit status ${row.exit_status}` : '';
  const meant = failed ? (words === undefined ? '' : `: ${words}`) : ` (${known.words}, ${sayDuration(known.grace)} late at most)`;
  return {
    integration: 'heartbeat',
    dedup: known.name,
    state: says ?? 'firing',
    summary: `heartbeat ${known.name}: ${because}${exit}${meant}`,
    urgency: known.urgency,
    ...(known.service !== undefined && { service: known.service }),
    hosts: known.hosts,
    details: {
      ...(last !== undefined && { 'last heard': new Date(last).toISOString() }),
      ...(failed && row.said !== null && detailsIn({ 'it said': row.said.slice(-LAST_WORDS) })),
    },
  };
}

/** Characters of what a job printed: its end says why it failed. */
const LAST_WORDS = 800;
