import type { Tx } from '../store/db.ts';
import { record } from '../store/events.ts';
import type { RunRow } from './rows.ts';

/**
 * A run that disrupts is maintenance to whoever uses the hosts: when it was to be, began, was put off and ended is recorded,
 * for the status page and the calendar.
 */
export async function recordMaintenance(
  tx: Tx,
  run: Pick<RunRow, 'id' | 'plan' | 'prediction'>,
  what: 'planned' | 'begun' | 'delayed' | 'ended',
  at: number,
  data: Record<string, unknown> = {},
): Promise<void> {
  if (run.plan.risk !== 'disrupt' || run.plan.mode === 'undo') return;
  await record(tx, { thing: run.id, type: `maintenance ${what}`, data: { expression: run.plan.expression, ...data }, by: 'holdfast', at });
}
