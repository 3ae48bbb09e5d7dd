import { aWeekLater } from '../../incident/postmortem-due.ts';
import { sayDuration } from '../../lib/duration.ts';
import type { TimerHandler } from '../../store/timers.ts';
import type { IncidentsWorld } from '../world.ts';
import type { ActionRow } from './rows.ts';

/** Each week, in the morning of its owner, until it is done: what they took upon themselves. */
export function remindOfAction({ clock, config, people, tell }: Pick<IncidentsWorld, 'clock' | 'config' | 'people' | 'tell'>): TimerHandler {
  return async (tx, timer) => {
    const now = clock.now();
    const [action] = await tx.query<ActionRow>(`select * from actions where id = $1 and state = 'open' for update`, [timer.ref]);
    if (!action) return undefined;
    const zone = people().find(({ name }) => name === action.owner)?.zone ?? config().timezone;
    const first = aWeekLater(action.made.getTime(), zone);
    if (now < first) return first;
    await tell.tell(tx, {
      key: `action:${action.id} ${timer.due.getTime()}`,
      to: { person: action.owner },
      card: {
        title: `${action.id} waits for you: ${action.text.slice(0, 200)}`,
        tone: 'attention',
        body: [`to be done after ${action.incident}, since ${sayDuration(now - action.made.getTime())}`],
        actions: [
          { label: 'It is done', command: `action done ${action.id}`, style: 'primary' },
          { label: 'Look', command: `show postmortem ${action.incident}` },
        ],
      },
      at: now,
    });
    return aWeekLater(now, zone);
  };
}
