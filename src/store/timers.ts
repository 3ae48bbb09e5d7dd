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
 * What happens when a timer is due. It runs in one transaction with the timer's end: answer a new due time to keep it
 * armed, nothing to end it. What it throws leaves the timer armed; it is tried again when its lease ends.
 */
export type TimerHandler = (tx: Tx, timer: Timer) => Promise<number | undefined>;

/** Claimed at once; wall seconds a claim lasts when its process dies. */
const BATCH = 100;
const CLAIM = 10;
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

/** Domain time of the next timer, `undefined` when none is armed. */
export async function nextDue(db: Queries): Promise<number | undefined> {
  const [row] = await db.query<{ due: Date | null }>(`select min(due) as due from timers`);
  return row?.due?.getTime();
}

/** One sleeper per process until the earliest due time, woken by NOTIFY when an earlier one is armed, and by jumps. */
export async function runTimers(options: {
  db: Db;
  clock: Clock;
  holder: string;
  handlers: Record<string, TimerHandler>;
  failed: (error: unknown, timer?: Timer) => void;
}): Promise<{ close(): Promise<void>; busy(): boolean }> {
  const { db, clock, holder, handlers, failed } = options;
  const kinds = Object.keys(handlers);
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
    if (!closed) sleeper = setTimeout(wake, Math.max(1, Math.ceil(wait)));
  };
  const fire = async (): Promise<boolean> => {
    const due = await claim(db, holder, clock.now(), kinds);
    for (const timer of due) {
      await finish(timer).catch((error: unknown) => failed(error, timer));
    }
    return due.length === BATCH;
  };
  const finish = (timer: Timer): Promise<void> =>
    db.tx(async (tx) => {
      const [mine] = await tx.query(`select id from timers where id = $1 and rev = $2 and holder = $3 for update`, [timer.id, timer.rev, holder]);
      if (!mine) return;
      const next = await handlers[timer.kind]?.(tx, timer);
      if (next === undefined) await tx.query(`delete from timers where id = $1 and rev = $2`, [timer.id, timer.rev]);
      else await tx.query(`update timers set due = $3, rev = rev + 1, held_until = null where id = $1 and rev = $2`, [timer.id, timer.rev, new Date(next)]);
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

/** Kinds this version does not know belong to another one that shares the database during a deploy: they are left alone. */
async function claim(db: Queries, holder: string, now: number, kinds: readonly string[]): Promise<Timer[]> {
  const claimed = await db.query<Timer>(
    `update timers set holder = $1, held_until = now() + make_interval(secs => ${CLAIM})
     where id in (select id from timers where due <= $2 and kind = any ($3) and (held_until is null or held_until < now())
                  order by due, id limit ${BATCH} for update skip locked)
     returning id, kind, ref, due, data, rev`,
    [holder, new Date(now), kinds],
  );
  // An UPDATE returns its rows in any order.
  return claimed.sort((a, b) => a.due.getTime() - b.due.getTime() || Number(a.id) - Number(b.id));
}

/** Wall ms until something can be claimed: the earliest free one is due, or a dead process' claim ends. */
async function untilNext(db: Queries, clock: Clock, kinds: readonly string[]): Promise<number> {
  const [row] = await db.query<{ due: Date | null; held: number | null }>(
    `select min(due) filter (where held_until is null or held_until < now()) as due,
            extract(epoch from min(held_until) filter (where held_until >= now()) - now())::float8 * 1000 as held
     from (select due, held_until from timers where kind = any ($1) order by due limit ${BATCH * 2}) as soonest`,
    [kinds],
  );
  return Math.min(row?.due ? clock.wallUntil(row.due.getTime()) : Infinity, row?.held ?? Infinity);
}
