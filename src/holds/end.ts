import type { Tx } from '../store/db.ts';
import { record } from '../store/events.ts';
import { HOLD_TIMER } from './life.ts';

/**
 * Ends a hold of which no host is left. `asked`: a person wanted it to end; then hosts nobody has reached do not keep it open:
 * they get their updates back when they are heard of.
 */
export async function endIfOver(tx: Tx, id: string, asked: boolean, at: number): Promise<void> {
  const [ended] = await tx.query<{ waiting: number }>(
    `update holds h set state = 'ended', ended = $2, rev = rev + 1 where id = $1 and state = 'open'
       and not exists (select 1 from hold_hosts where hold = $1 and (state in ('held', 'drifted') or (state = 'unverified' and not $3)))
     returning (select count(*)::int from hold_hosts where hold = $1 and state = 'unverified') as waiting`,
    [id, new Date(at), asked],
  );
  if (!ended) return;
  await record(tx, { thing: id, type: 'ended', data: { unverified: ended.waiting }, by: 'holdfast', at });
  if (ended.waiting === 0) await tx.query(`delete from timers where kind = $1 and ref = $2`, [HOLD_TIMER, id]);
}
