import type { Tx } from '../store/db.ts';

/** Something pages are about has changed: whether they are over is looked at now, not when their next person is due. */
export async function wakePages(tx: Tx, about: readonly (string | null)[], at: number): Promise<void> {
  const woken = await tx.query(
    `update timers t set due = least(t.due, $2), rev = t.rev + 1, held_until = null from pages p
     where p.about = any ($1::text[]) and p.state in ('open', 'acked') and t.kind = 'page' and t.ref = p.id returning t.id`,
    [about.filter((thing) => thing !== null), new Date(at)],
  );
  if (woken.length > 0) await tx.notify('timers', String(at));
}
