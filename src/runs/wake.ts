import type { Tx } from '../store/db.ts';
import { putOut } from '../store/outbox.ts';

/** Has the run decided about again: a host ended, a timer is due, a person said something. */
export function wakeRun(tx: Tx, run: string): Promise<void> {
  return putOut(tx, 'run', [run]);
}

/**
 * Places were given back, and with them perhaps memory: runs that wait for just that look again. `given`: budgets, and `host:web01`
 * for its being free, so that of hundreds of runs that wait only those look that may find something. `except`: woken anyway.
 */
export async function wakeWaiting(tx: Tx, given: readonly string[], except?: string): Promise<void> {
  const runs = await tx.query<{ id: string }>(
    `select id from runs where state = 'running' and (waiting ->> 'for' = 'capacity' or waiting -> 'on' ?| $1) and id is distinct from $2`,
    [given, except ?? null],
  );
  await putOut(
    tx,
    'run',
    runs.map(({ id }) => id),
  );
}
