import type { Db, Tx } from './db.ts';
import { armTimer } from './timers.ts';

const DAY = 86_400_000;
/** How long ended lines, checks and their answers are kept, and how long the history of facts. The audit is kept. */
const KEEP_LINES = 30 * DAY;
const KEEP_HISTORY = 400 * DAY;

/** Forgets what nobody asks for any more, once a day of domain time; answers when to look again. */
export async function prune(tx: Tx, now: number): Promise<number> {
  const before = new Date(now - KEEP_LINES);
  // Whoever asked by `holdfast exec` and did not come back for the answer never will: the address is their line's alone.
  // What machines asked by HTTP is fetched, not sent; what a chat platform has not taken for so long nobody waits for.
  await tx.query(`delete from messages where made < $1 and (state <> 'waiting' or channel like 'exec:%' or platform in ('http', 'slack', 'discord'))`, [
    before,
  ]);
  await tx.query(`update inbox set reply = null where reply is not null and reply_until < now()`);
  await tx.query(`delete from readings where state = 'ended' and ended < $1`, [before]);
  await tx.query(`delete from cards where thing_kind = 'reading' and not exists (select 1 from readings where id::text = thing_id)`);
  await tx.query(`delete from inbox where state = 'ended' and ended < $1`, [before]);
  await tx.query(`delete from outbox where state in ('done', 'failed') and wall_made < now() - interval '2 days'`);
  // Kept again each time a button is shown.
  await tx.query(`delete from kept_lines where wall_made < now() - interval '90 days'`);
  await tx.query(`delete from board_links where wall_until < now() - interval '1 day'`);
  await tx.query(`delete from board_sessions where wall_until < now() - interval '30 days'`);
  await tx.query(`delete from fact_changes where at < $1`, [new Date(now - KEEP_HISTORY)]);
  await tx.query(`delete from certificate_changes where at < $1 and (not authority or settled is not null)`, [new Date(now - KEEP_HISTORY)]);
  // The stories of incidents tell of them for as long.
  await tx.query(`delete from alerts where state = 'resolved' and resolved < $1`, [new Date(now - KEEP_HISTORY)]);
  await tx.query(`delete from certificate_notices where over < $1`, [before]);
  return now + DAY;
}

export async function armPrune(db: Db, now: number): Promise<void> {
  await db.tx(async (tx) => {
    const [armed] = await tx.query(`select 1 from timers where kind = 'prune'`);
    if (!armed) await armTimer(tx, { kind: 'prune', ref: 'daily', due: now + DAY });
  });
}
