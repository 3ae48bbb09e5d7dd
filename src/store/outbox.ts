import type { Queries, Tx } from './db.ts';

/** What work may do to hosts. */
export type Risk = 'read' | 'change' | 'disrupt';

/** Work due now. `ref` names its subject in the words of its kind: a reading's chunk is `12/3`. */
export interface OutboxRow {
  id: string;
  kind: string;
  ref: string;
  rev: number;
  tries: number;
}

/** A worker proves it lives by renewing this; wall seconds. */
const LEASE = 10;

export async function putOut(tx: Tx, kind: string, refs: readonly string[], risk: Risk = 'read'): Promise<void> {
  if (refs.length === 0) return;
  await tx.query(`insert into outbox (kind, ref, risk) select $1, value, $3 from jsonb_array_elements_text($2::jsonb)`, [kind, JSON.stringify(refs), risk]);
  await tx.notify('outbox');
}

/** Rows the queue has not been told of, oldest first. */
export function unqueued(db: Queries, limit: number): Promise<OutboxRow[]> {
  return db.query<OutboxRow>(`select id, kind, ref, rev, tries from outbox where state = 'waiting' order by id limit $1`, [limit]);
}

export async function markQueued(db: Queries, rows: readonly OutboxRow[]): Promise<void> {
  await db.query(
    `update outbox o set state = 'queued', lease_until = now() + make_interval(secs => ${LEASE})
     from jsonb_to_recordset($1::jsonb) as sent (id bigint, rev int)
     where o.id = sent.id and o.rev = sent.rev and o.state = 'waiting'`,
    [JSON.stringify(rows.map(({ id, rev }) => ({ id, rev })))],
  );
}

/**
 * The conditional update every handler begins with: the row is ours, or there is nothing to do. The relay may have died
 * between queueing and marking, so a row still `waiting` at this rev counts as queued.
 */
export async function startWork(db: Queries, id: string, rev: number, holder: string): Promise<OutboxRow | undefined> {
  const [row] = await db.query<OutboxRow>(
    `update outbox set state = 'started', rev = rev + 1, holder = $3, lease_until = now() + make_interval(secs => ${LEASE})
     where id = $1 and rev = $2 and state in ('waiting', 'queued') returning id, kind, ref, rev, tries`,
    [id, rev, holder],
  );
  return row;
}

/** False when the row is no longer ours: the caller rolls back and nothing of what it did is written. */
export async function finishWork(tx: Queries, row: OutboxRow, end: 'done' | 'failed', errorId?: string): Promise<boolean> {
  const done = await tx.query(`update outbox set state = $3, rev = rev + 1, error_id = $4 where id = $1 and rev = $2 and state = 'started' returning id`, [
    row.id,
    row.rev,
    end,
    errorId ?? null,
  ]);
  return done.length === 1;
}

/** Whether this worker still has the row; held until the transaction ends. */
export async function isOurs(tx: Tx, row: OutboxRow): Promise<boolean> {
  return (await tx.query(`select 1 from outbox where id = $1 and rev = $2 and state = 'started' for share`, [row.id, row.rev])).length === 1;
}

/** Only for what is really in hand: a row whose handling failed must run out, however busy its worker is. */
export async function renewLeases(db: Queries, rows: readonly OutboxRow[]): Promise<void> {
  await db.query(
    `update outbox o set lease_until = now() + make_interval(secs => ${LEASE})
     from jsonb_to_recordset($1::jsonb) as mine (id bigint, rev int) where o.id = mine.id and o.rev = mine.rev and o.state = 'started'`,
    [JSON.stringify(rows.map(({ id, rev }) => ({ id, rev })))],
  );
}

/**
 * Rows whose worker is gone, or that the queue lost, wait again under a new rev. `queueIsEmpty`: what is marked queued but
 * not in the queue was lost (FLUSHALL) and need not wait out a backlog. Only a worker that was lost counts as a try.
 * Answers how many.
 */
export async function reclaimLost(db: Queries, queueIsEmpty: boolean): Promise<number> {
  const rows = await db.query(
    `update outbox set state = 'waiting', rev = rev + 1, tries = tries + (state = 'started')::int, holder = null
     where (state = 'started' and lease_until < now())
        or (state = 'queued' and lease_until < now() - make_interval(secs => $1)) returning id`,
    [queueIsEmpty ? 0 : 300],
  );
  return rows.length;
}

/**
 * At a start: what a dead process of this place had started is to be done again. What waits or is queued gets a new rev and
 * so a new place in the queue: the dead one may have put it there unmarked, or taken it out a moment before, and the queue
 * keeps such a job for a dead worker until its lock ends. Twice in the queue is done once.
 */
export async function reclaimFrom(db: Queries, place: string): Promise<void> {
  await db.query(
    `update outbox set state = 'waiting', rev = rev + 1, tries = tries + (state = 'started')::int, holder = null
     where (state = 'started' and starts_with(holder, $1)) or state in ('waiting', 'queued')`,
    [`${place}:`],
  );
}
