import type { Tx } from '../store/db.ts';

/** Its story grew and nothing of it moved: whatever shows it shows it as it is now. */
export async function touchIncident(tx: Tx, id: string, { rev, at }: { rev: number; at: number }): Promise<void> {
  await tx.query(`update incidents set rev = $2, changed = $3 where id = $1`, [id, rev, new Date(at)]);
  await tx.query(`update cards set wanted_rev = wanted_rev + 1 where thing_kind = 'incident' and thing_id = $1`, [id]);
  await tx.notify('shown', `incident:${id}`);
}
