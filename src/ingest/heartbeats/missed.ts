import type { AlertEvent } from '../../alerts/event.ts';
import { takeAlerts } from '../../alerts/take.ts';
import type { Db, Tx } from '../../store/db.ts';
import { toJsonb } from '../../store/json.ts';
import { armTimers, type TimersHandler } from '../../store/timers.ts';
import { look } from './decide.ts';
import { alertOf, HEARTBEAT, type HeartbeatsWorld, waitsUntil } from './hear.ts';
import { type Known, knownHeartbeat } from './known.ts';
import { beatOf, type HeartbeatRow } from './rows.ts';

/** Domain ms. */
const MOMENT = 1_000;

/** Heartbeats that are missed by now, all of them in one go: a network that was cut misses many in one moment. */
export function sayMissed(world: HeartbeatsWorld): TimersHandler {
  return async (tx, timers) => {
    // One that is spoken of right now arms its own timer, and waits for ours to do so: waiting for it here would be for ever.
    const rows = await tx.query<HeartbeatRow>(`select * from heartbeats where name = any ($1::text[]) for update skip locked`, [timers.map(({ ref }) => ref)]);
    await lookAt(tx, world, rows);
    const seen = new Set(rows.map(({ name }) => name));
    const skipped = await tx.query<{ name: string }>(`select name from heartbeats where name = any ($1::text[])`, [
      timers.map(({ ref }) => ref).filter((name) => !seen.has(name)),
    ]);
    const again = new Set(skipped.map(({ name }) => name));
    return new Map(timers.filter(({ ref }) => again.has(ref)).map(({ id }) => [id, world.clock.now() + MOMENT]));
  };
}

/**
 * Holds every heartbeat against the configuration in force: at the start, and when that changed. What was missed meanwhile is said, and of what
 * is paused or gone nothing is asked any more.
 */
export function settleHeartbeats(db: Db, world: HeartbeatsWorld): Promise<void> {
  return db.tx(async (tx) => {
    await tx.query(`insert into heartbeats (name, made) select name, $2 from jsonb_array_elements_text($1::jsonb) as name on conflict (name) do nothing`, [
      toJsonb(Object.keys(world.config().heartbeats)),
      new Date(world.clock.now()),
    ]);
    const rows = await tx.query<HeartbeatRow>(`select * from heartbeats order by name for update`);
    await tx.query(`delete from timers where kind = $1`, [HEARTBEAT]);
    await lookAt(tx, world, rows);
  });
}

async function lookAt(tx: Tx, world: HeartbeatsWorld, rows: readonly HeartbeatRow[]): Promise<void> {
  const now = world.clock.now();
  const looked = rows.map((row) => ({ row, ...lookAtOne(knownHeartbeat(world.config(), row.name, row.integration), row, now) }));
  const down = looked.filter(({ row, event }) => event?.state === 'firing' && row.state !== 'down');
  const named = (some: typeof down): string[] => some.map(({ row }) => row.name);
  if (down.length > 0)
    await tx.query(
      `update heartbeats set state = 'down', rev = rev + 1, begun = case when name = any ($2::text[]) then null else begun end,
         rid = case when name = any ($2::text[]) then null else rid end where name = any ($1::text[])`,
      [named(down), named(down.filter(({ given }) => given))],
    );
  await armTimers(
    tx,
    looked.flatMap(({ row, due }) => (due === undefined ? [] : [{ kind: HEARTBEAT, ref: row.name, due }])),
  );
  const events = looked.flatMap(({ event }) => event ?? []);
  if (events.length > 0) await takeAlerts(tx, world, events, now);
}

/** What is said of it, when to look again, and whether nobody waits for the end of its run any more. What is down is said again: to whoever knows it already that changes nothing. */
function lookAtOne(known: Known | undefined, row: HeartbeatRow, now: number): { event?: AlertEvent; due?: number; given?: boolean } {
  const beat = beatOf(row);
  if (known && !known.schedule.paused) {
    if (beat.state === 'down') return { event: alertOf(known, { beat, says: 'firing', because: 'it is down' }, row) };
    const decided = look(beat, known.schedule, now);
    if (decided.says) return { event: alertOf(known, decided, row), given: decided.beat.begun === undefined };
    const due = waitsUntil(known, beat);
    return due === undefined ? {} : { due };
  }
  if (beat.state !== 'down') return {};
  const because = known ? 'it is paused' : 'it is no longer in the configuration';
  return {
    event: {
      integration: 'heartbeat',
      dedup: row.name,
      state: 'resolved',
      summary: `heartbeat ${row.name}: ${because}`,
      urgency: 'low',
      hosts: [],
      details: {},
    },
  };
}
