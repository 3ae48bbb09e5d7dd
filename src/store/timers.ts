import type { Clock } from '../lib/clocks.ts';
import type { Db, Queries, Tx } from './db.ts';

/** A domain delay: something becomes due. `(kind, ref)` names it once; arming again moves it. */
export interface Timer {
  id: string;
  kind: string;
  ref: string;
  due: Date;
  data: Record<string, unknown>;
  rev: number;
}

/**
 * What happens when a timer is due. It runs in one transaction with the timer's end, and with other timers that are due:
 * answer a new due time to keep it armed, nothing to end it. When one throws, all of its transaction are undone and tried
 * one by one; the one that throws again stays armed and rests for a while. So a handler touches nothing but the database.
 */
export type TimerHandler = (tx: Tx, timer: Timer) => Promise<number | undefined>;

/**
 * The same for kinds of which thousands may be due at once: all of them in one go. Answers the due time of each that stays armed, by its id.
 * What it leaves out ends; one it armed or took away itself is left as it made it.
 */
export type TimersHandler = (tx: Tx, timers: readonly Timer[]) => Promise<ReadonlyMap<string, number>>;

/** Handled in one transaction: one flush to disk for all of them, and short enough for others to get a turn. */
const BATCH = 25;
/** Of a kind that is handled in one go. */
const MANY = 200;
/** Wall seconds a timer whose handler failed rests. */
const REST = 10;
/** The longest sleep, wall ms: a due time armed by a process whose NOTIFY was lost is found by then. */
const LONGEST_SLEEP = 60_000;

export async function armTimer(tx: Tx, timer: { kind: string; ref: string; due: number; data?: unknown }): Promise<void> {
  await tx.query(
    `insert into timers (kind, ref, due, data) values ($1, $2, $3, $4)
     on conflict (kind, ref) do update set due = excluded.due, data = excluded.data, rev = timers.rev + 1, held_until = null`,
    [timer.kind, timer.ref, new Date(timer.due), JSON.stringify(timer.data ?? {})],
  );
  await tx.notify('timers', String(timer.due));
}

/** The same for many at once. */
export async function armTimers(tx: Tx, timers: readonly { kind: string; ref: string; due: number }[]): Promise<void> {
  if (timers.length === 0) return;
  await tx.query(
    `insert into timers (kind, ref, due, data) select kind, ref, to_timestamp(due / 1000.0), '{}' from jsonb_to_recordset($1::jsonb) as t (kind text, ref text, due float8)
     on conflict (kind, ref) do update set due = excluded.due, data = excluded.data, rev = timers.rev + 1, held_until = null`,
    [JSON.stringify(timers)],
  );
  await tx.notify('timers', String(Math.min(...timers.map(({ due }) => due))));
}

/** Domain time of the next timer that does not rest, `undefined` when there is none. */
export async function nextDue(db: Queries): Promise<number | undefined> {
  const [row] = await db.query<{ due: Date | null }>(`select min(due) as due from timers where held_until is null or held_until < now()`);
  return row?.due?.getTime();
}

/** One sleeper per process until the earliest due time, woken by NOTIFY when an earlier one is armed, and by jumps. */
export async function runTimers(options: {
  db: Db;
  clock: Clock;
  handlers: Record<string, TimerHandler>;
  many?: Record<string, TimersHandler>;
  failed: (error: unknown, timer?: Timer) => void;
}): Promise<{ close(): Promise<void>; busy(): boolean }> {
  const { db, clock, handlers, many = {}, failed } = options;
  const single = Object.keys(handlers);
  const kinds = [...single, ...Object.keys(many)];
  let closed = false;
  let again = false;
  let running: Promise<void> | undefined;
  let sleeper: NodeJS.Timeout | undefined;

  const wake = (): void => {
    if (closed) return;
    again = true;
    running ??= look().finally(() => {
      running = undefined;
      if (again) wake();
    });
  };
  const look = async (): Promise<void> => {
    clearTimeout(sleeper);
    let wait = LONGEST_SLEEP;
    while (again && !closed) {
      again = false;
      try {
        while (!closed && (await fire())) {}
        wait = Math.min(LONGEST_SLEEP, await untilNext(db, clock, kinds));
      } catch (error) {
        failed(error);
        wait = 1000;
      }
    }
    // Never at once: what is due may be locked by another process that is at it.
    if (!closed) sleeper = setTimeout(wake, Math.max(10, Math.ceil(wait)));
  };
  /** Handles some of what is due; whether there may be more. The locks of the rows keep other processes away. */
  const fire = async (): Promise<boolean> => {
    let more = false;
    for (const [kind, handler] of Object.entries(many)) {
      const go = (most: number, about?: (timer: Timer) => void) => handleMany(kind, handler, most, about);
      more = (await fireSome(MANY, go)) || more;
    }
    return (await fireSome(BATCH, handle)) || more;
  };
  const fireSome = async (most: number, go: (most: number, about?: (timer: Timer) => void) => Promise<number>): Promise<boolean> => {
    try {
      return (await go(most)) === most;
    } catch {
      for (let n = 0; n < most; n += 1) if ((await alone(go)) === 0) return false;
      return true;
    }
  };
  const alone = async (go: (most: number, about: (timer: Timer) => void) => Promise<number>): Promise<number> => {
    let at: Timer | undefined;
    try {
      return await go(1, (timer) => {
        at = timer;
      });
    } catch (error) {
      if (!at) throw error;
      await db.query(`update timers set held_until = now() + make_interval(secs => ${REST}) where id = $1 and rev = $2`, [at.id, at.rev]);
      failed(error, at);
      return 1;
    }
  };
  const handle = (most: number, about?: (timer: Timer) => void): Promise<number> =>
    db.tx(async (tx) => {
      const due = await lockDue(tx, clock.now(), single, most);
      for (const timer of due) {
        about?.(timer);
        // A handler before it may have moved this one or taken it away.
        const [ended] = await tx.query(`delete from timers where id = $1 and rev = $2 returning id`, [timer.id, timer.rev]);
        if (!ended) continue;
        const next = await handlers[timer.kind]?.(tx, timer);
        if (next !== undefined) await armTimer(tx, { kind: timer.kind, ref: timer.ref, due: next, data: timer.data });
      }
      return due.length;
    });
  const handleMany = (kind: string, handler: TimersHandler, most: number, about?: (timer: Timer) => void): Promise<number> =>
    db.tx(async (tx) => {
      const due = await lockDue(tx, clock.now(), [kind], most);
      if (due.length === 0) return 0;
      for (const timer of due) about?.(timer);
      await moveOn(tx, due, await handler(tx, due));
      return due.length;
    });

  const unlisten = await db.listen('timers', wake);
  const unjump = clock.onJump(wake);
  wake();
  return {
    busy: () => running !== undefined,
    async close() {
      closed = true;
      clearTimeout(sleeper);
      unjump();
      await unlisten();
      await running;
    },
  };
}

/** Ends those that are not armed again, and moves the others: by the rev that was locked, so that what the handler did itself stands. */
async function moveOn(tx: Tx, timers: readonly Timer[], next: ReadonlyMap<string, number>): Promise<void> {
  await tx.query(`delete from timers t using jsonb_to_recordset($1::jsonb) as over (id bigint, rev int) where t.id = over.id and t.rev = over.rev`, [
    JSON.stringify(timers.flatMap(({ id, rev }) => (next.has(id) ? [] : [{ id, rev }]))),
  ]);
  if (next.size === 0) return;
  await tx.query(
    `update timers t set due = to_timestamp(again.due / 1000.0), rev = t.rev + 1
     from jsonb_to_recordset($1::jsonb) as again (id bigint, rev int, due float8) where t.id = again.id and t.rev = again.rev`,
    [JSON.stringify(timers.flatMap(({ id, rev }) => (next.has(id) ? [{ id, rev, due: next.get(id) }] : [])))],
  );
  await tx.notify('timers', String(Math.min(...next.values())));
}

/** Kinds this version does not know belong to another one that shares the database during a deploy: they are left alone. */
function lockDue(tx: Tx, now: number, kinds: readonly string[], most: number): Promise<Timer[]> {
  return tx.query<Timer>(
    `select id, kind, ref, due, data, rev from timers where due <= $1 and kind = any ($2) and (held_until is null or held_until < now())
     order by due, id limit $3 for update skip locked`,
    [new Date(now), kinds, most],
  );
}

/** Wall ms until something can be done: the earliest that does not rest is due, or one has rested. */
async function untilNext(db: Queries, clock: Clock, kinds: readonly string[]): Promise<number> {
  const [row] = await db.query<{ due: Date | null; held: number | null }>(
    `select min(due) filter (where held_until is null or held_until < now()) as due,
            extract(epoch from min(held_until) filter (where held_until >= now()) - now())::float8 * 1000 as held
     from (select due, held_until from timers where kind = any ($1) order by due limit 100) as soonest`,
    [kinds],
  );
  return Math.min(row?.due ? clock.wallUntil(row.due.getTime()) : Infinity, row?.held ?? Infinity);
}
