import type { Clock } from '../../lib/clocks.ts';
import { sayDuration } from '../../lib/duration.ts';
import { askForPerson, record } from '../../store/events.ts';
import type { TimerHandler } from '../../store/timers.ts';
import { LENT } from './decide.ts';

/** A slot that was lent is not given back by time: after three times what is expected a person is asked, once. */
export function sayStale({ clock }: { clock: Pick<Clock, 'now'> }): TimerHandler {
  return async (tx, { ref: host }) => {
    const [held] = await tx.query<{ taken: Date }>(`select taken from slots where run = $1 and host = $2 and given_back is null order by id limit 1`, [
      LENT,
      host,
    ]);
    if (!held) return undefined;
    const at = clock.now();
    const since = sayDuration(at - held.taken.getTime());
    const text = `${host} has had a slot to reboot itself for ${since} and has not said that it is well; nothing more is lent. Look: check ${host}. If it needs it no more: release slot ${host} because …`;
    await askForPerson(tx, { text, urgency: 'high', about: host, by: 'holdfast', at });
    await record(tx, { thing: LENT, type: 'overdue', data: { host, taken: held.taken.toISOString() }, by: 'holdfast', at });
    return undefined;
  };
}
