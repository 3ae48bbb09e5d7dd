import type { Tx } from '../store/db.ts';

/** The one timer of alerts: what burns and is asked about by no page, or is silenced, is looked at again. */
export const ALERTS_TIMER = 'alerts';
export const LOOK = 'look';

/** Something may have changed for alerts that burn: they are looked at then, at the latest. Domain ms. */
export async function wakeAlerts(tx: Tx, at: number): Promise<void> {
  await tx.query(
    `insert into timers (kind, ref, due) values ($1, $2, $3)
     on conflict (kind, ref) do update set due = least(timers.due, excluded.due), rev = timers.rev + 1, held_until = null`,
    [ALERTS_TIMER, LOOK, new Date(at)],
  );
  await tx.notify('timers', String(at));
}

/** Pages are over, whoever ended them: alerts of theirs that still burn ask anew. */
export async function wakeAlertsOf(tx: Tx, pages: readonly string[], at: number): Promise<void> {
  const burning = await tx.query(`select 1 from alerts where state = 'firing' and page = any ($1::text[]) limit 1`, [pages]);
  if (burning.length > 0) await wakeAlerts(tx, at);
}

/** Something that silenced alerts may be over: all that are silent are looked at, for one of several hosts may be silenced by this and the others by something else. */
export async function wakeSilenced(tx: Tx, at: number): Promise<void> {
  const silenced = await tx.query(`select 1 from alerts where state = 'firing' and silenced_by is not null limit 1`);
  if (silenced.length > 0) await wakeAlerts(tx, at);
}
