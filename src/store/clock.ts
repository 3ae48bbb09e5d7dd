import { type SettableClock, startClock } from '../lib/clocks.ts';
import type { Db, Queries } from './db.ts';

/** Wall ms between two notes of where domain time stands. */
const NOTE = 30_000;

/**
 * Domain time goes on from where it was left: never before anything that is recorded, also after a `kill -9`. A host told to reboot
 * before its step began, by a clock that went back between, would have been up for longer than since it was told. The end of a run is
 * an event, so only what is open is looked through.
 */
export async function startStoredClock(db: Queries, speed: number): Promise<SettableClock> {
  const [row] = await db.query<{ anchor: Date | null }>(
    `select greatest(
       (select (value #>> '{}')::timestamptz from meta where key = 'clock'),
       (select max(received) from inbox), (select max(asked) from facts),
       (select max(at) from audit), (select max(at) from events),
       (select max(greatest(begun_at, wave_ended, ring_ended)) from runs where state in ('planned', 'running', 'halted')),
       (select max(greatest(h.started, h.phase_since, h.finished, h.ended)) from run_hosts h join runs r on r.id = h.run
        where r.state in ('planned', 'running', 'halted'))) as anchor`,
  );
  return startClock({ speed, ...(row?.anchor && { anchor: row.anchor.getTime() }) });
}

/** Notes where domain time stands: every half minute, after every jump, and at the end. Answers how to end. */
export function keepClock(db: Db, clock: SettableClock): () => Promise<void> {
  const note = (): Promise<unknown> =>
    db.query(
      `insert into meta (key, value) values ('clock', to_jsonb($1::text))
       on conflict (key) do update set value = excluded.value where (meta.value #>> '{}')::timestamptz < $1::timestamptz`,
      [new Date(clock.now()).toISOString()],
    );
  const timer = setInterval(() => note().catch(() => undefined), NOTE);
  timer.unref();
  const unjump = clock.onJump(() => void note().catch(() => undefined));
  return async () => {
    clearInterval(timer);
    unjump();
    await note();
  };
}
