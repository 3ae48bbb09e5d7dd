import type { Ops } from '../ops.ts';
import type { Tx } from '../store/db.ts';
import { record } from '../store/events.ts';

/** Everybody who may say yes is asked at once. */
export async function askApprovers(tx: Tx, _ops: Ops, run: string, at: number): Promise<void> {
  await record(tx, { thing: run, type: 'approval asked', data: {}, by: 'holdfast', at });
}
