import type { Tx } from '../store/db.ts';
import { putOut } from '../store/outbox.ts';

/** Has the run decided about again: a host ended, a timer is due, a person said something. */
export function wakeRun(tx: Tx, run: string): Promise<void> {
  return putOut(tx, 'run', [run]);
}

/** Places were given back, or memory: runs that wait for just that look again. */
export async function wakeWaiting(tx: Tx, except?: string): Promise<void> {
  const runs = await tx.query<{ id: string }>(
    `select id from runs where state = 'running' and waiting ->> 'for' in ('budget', 'capacity') and id is distinct from $1`,
    [except ?? null],
  );
  await putOut(
    tx,
    'run',
    runs.map(({ id }) => id),
  );
}
