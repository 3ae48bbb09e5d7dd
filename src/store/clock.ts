import { machine, type SettableClock, type Sources, startClock } from '../lib/clocks.ts';
import type { Db, Queries } from './db.ts';
import { wallOf } from './wall.ts';

export interface StoredClock extends SettableClock {
  /** Asks the database what time it is, where that is whose time is followed. */
  look?(): Promise<void>;
}

/** Wall ms between two notes of where domain time stands. */
const NOTE = 30_000;

/**
 * Domain time goes on from where it was left: never before anything that is recorded, also after a `kill -9`. A host told to reboot
 * before its step began, by a clock that went back between, would have been up for longer than since it was told. The end of a run is
 * an event, so only what is open is looked through. In real use it follows the database's clock, not this machine's.
 */
export async function startStoredClock(db: Queries, speed: number, here: Sources = machine): Promise<StoredClock> {
  const [row] = await db.query<{ anchor: Date | null }>(
    `select greatest(
       (select (value #>> '{}')::timestamptz from meta where key = 'clock'),
       (select max(received) from inbox), (select max(asked) from facts),
       (select max(at) from audit), (select max(at) from events),
       (select max(greatest(begun_at, wave_ended, ring_ended)) from runs where state in ('planned', 'running', 'halted')),
       (select max(greatest(h.started, h.phase_since, h.finished, h.ended)) from run_hosts h join runs r on r.id = h.run
        where r.state in ('planned', 'running', 'halted'))) as anchor`,
  );
  const left = row?.anchor && { anchor: row.anchor.getTime() };
  if (speed !== 1) return startClock({ speed, ...left, sources: here });
  const wall = await wallOf(db, here);
  return { ...startClock({ speed, ...left, sources: { wall: wall.now, monotonic: here.monotonic } }), look: wall.look };
}

/** Notes where domain time stands, and looks what time it is: every half minute; the first after every jump, and at the end. Answers how to end. */
export function keepClock(db: Db, clock: StoredClock): () => Promise<void> {
  const note = (): Promise<unknown> =>
    db.query(
      `insert into meta (key, value) values ('clock', to_jsonb($1::text))
       on conflict (key) do update set value = excluded.value where (meta.value #>> '{}')::timestamptz < $1::timestamptz`,
      [new Date(clock.now()).toISOString()],
    );
  const timer = setInterval(() => {
    void clock.look?.();
    note().catch(() => undefined);
  }, NOTE);
  timer.unref();
  const unjump = clock.onJump(() => void note().catch(() => undefined));
  return async () => {
    clearInterval(timer);
    unjump();
    await note();
  };
}
