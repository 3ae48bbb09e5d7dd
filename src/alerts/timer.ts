import type { Ops } from '../ops.ts';
import type { TimerHandler } from '../store/timers.ts';
import type { AlertRow } from './rows.ts';
import { type AlertsWorld, lockAlerts, settle } from './settle.ts';

/** Looks at every alert that burns and that no page asks about, or that was silenced so far: no alert is left without a page, a silence or an answer. */
export function lookAtAlerts(world: AlertsWorld & Pick<Ops, 'clock'>): TimerHandler {
  return async (tx) => {
    await lockAlerts(tx);
    const rows = await tx.query<AlertRow>(
      `select * from alerts a where state = 'firing' and (silenced_by is not null or page is null
         or not exists (select 1 from pages p where p.id = a.page and p.state in ('open', 'acked'))) order by id`,
    );
    await settle(tx, world, rows, world.clock.now());
    return undefined;
  };
}
