import type { AlertEvent } from '../../alerts/event.ts';
import { takeAlerts } from '../../alerts/take.ts';
import type { Ops } from '../../ops.ts';
import type { Tx } from '../../store/db.ts';
import { toJsonb } from '../../store/json.ts';
import { armTimer, type TimersHandler } from '../../store/timers.ts';
import type { From, Told } from './told.ts';

/** The timer of an integration whose alerts end when they are not sent again: one for all of them, due with the first. */
export const ENDS = 'alert-ends';

/** Writes until when what fires is believed, and takes away what was said of what is over. */
export async function believeUntil(tx: Tx, { name, said, now }: From, { events, until }: Told): Promise<void> {
  const over = events.filter(({ state }) => state === 'resolved').map(({ dedup }) => dedup);
  const after = said.resolve_after;
  const believed = events.flatMap(({ dedup, state }) => {
    const ends = until?.get(dedup) ?? (after === undefined ? undefined : now + after);
    return state === 'firing' && ends !== undefined ? [{ dedup, ends }] : [];
  });
  if (over.length > 0) await tx.query(`delete from alert_ends where integration = $1 and dedup = any ($2::text[])`, [name, over]);
  if (believed.length === 0) return;
  await tx.query(
    `insert into alert_ends (integration, dedup, ends)
     select distinct on (dedup) $1, dedup, to_timestamp(ends / 1000.0) from jsonb_to_recordset($2::jsonb) as said (dedup text, ends float8) order by dedup, ends desc
     on conflict (integration, dedup) do update set ends = excluded.ends`,
    [name, toJsonb(believed)],
  );
  const first = Math.min(...believed.map(({ ends }) => ends));
  const [earlier] = await tx.query(`select 1 from timers where kind = $1 and ref = $2 and due <= $3`, [ENDS, name, new Date(first)]);
  // It may be due before the first that ends by now: it looks, and sleeps on.
  if (!earlier) await armTimer(tx, { kind: ENDS, ref: name, due: first });
}

/** Domain ms by which we may be late and still know that it was the sender who said nothing. */
const LATE = 30_000;
/** Domain ms a sender has to be heard again where its integration names no `resolve_after`: Prometheus sends every minute, others rest longer. */
const AGAIN = 5 * 60_000;

/** What was not sent again in time is over; but after we were gone ourselves everybody has their time to send again first. */
export function endUnsent(world: Pick<Ops, 'clock' | 'config' | 'fleet'>): TimersHandler {
  return async (tx, timers) => {
    const now = world.clock.now();
    const next = new Map<string, number>();
    for (const { id, ref, due } of timers) {
      if (now - due.getTime() > LATE) await believeOn(tx, ref, { now, until: now + (world.config().integrations[ref]?.resolve_after ?? AGAIN) });
      // One that is sent again right now is not over, and its sender waits for our timer.
      const over = await tx.query<{ dedup: string }>(
        `delete from alert_ends where integration = $1 and dedup in (
           select dedup from alert_ends where integration = $1 and ends <= $2 for update skip locked) returning dedup`,
        [ref, new Date(now)],
      );
      const events = over.map(
        ({ dedup }): AlertEvent => ({ integration: ref, dedup, state: 'resolved', summary: 'not sent again', urgency: 'low', hosts: [], details: {} }),
      );
      if (events.length > 0) await takeAlerts(tx, world, events, now);
      const [row] = await tx.query<{ ends: Date | null }>(`select min(ends) as ends from alert_ends where integration = $1`, [ref]);
      if (row?.ends) next.set(id, row.ends.getTime());
    }
    return next;
  };
}

async function believeOn(tx: Tx, name: string, { now, until }: { now: number; until: number }): Promise<void> {
  await tx.query(
    `update alert_ends set ends = $3 where integration = $1 and dedup in (
       select dedup from alert_ends where integration = $1 and ends <= $2 for update skip locked)`,
    [name, new Date(now), new Date(until)],
  );
}
