import { defaultsOf } from '../../config/defaults.ts';
import { aWeekLater, postmortemDue } from '../../incident/postmortem-due.ts';
import { sayDuration } from '../../lib/duration.ts';
import type { TimerHandler } from '../../store/timers.ts';
import { storedIncident } from '../rows.ts';
import type { IncidentsWorld } from '../world.ts';

/**
 * Armed when an incident is resolved: whoever leads it is reminded when its postmortem is due, and each week after, until it is published or
 * somebody said that there is none. Of a minor one nobody is reminded.
 */
export function remindOfPostmortem({ clock, config, people, tell }: Pick<IncidentsWorld, 'clock' | 'config' | 'people' | 'tell'>): TimerHandler {
  return async (tx, timer) => {
    const found = await storedIncident(tx, timer.ref, 'for update');
    if (!found) return undefined;
    const { id, kind, state, severity, resolved, lead, by, title, zone: theirs } = found.incident;
    // Opened again: when it is resolved again this is armed anew.
    if (kind !== 'incident' || state !== 'resolved' || resolved === undefined || severity === 'minor') return undefined;
    const [waived] = await tx.query(`select 1 from postmortems where incident = $1 and waived is not null`, [id]);
    if (waived) return undefined;
    const writer = [lead, by].flatMap((name) => people().find((person) => person.name === name && !person.machine) ?? [])[0];
    const zone = writer?.zone ?? theirs;
    const now = clock.now();
    const due = postmortemDue(resolved, defaultsOf(config())['incident.postmortem_days'], zone);
    if (now < due) return due;
    const card = {
      title: `${id} waits for its postmortem: ${title.slice(0, 150)}`,
      tone: 'attention' as const,
      body: [`resolved ${sayDuration(now - resolved)} ago`],
      actions: [
        { label: 'Write it', command: `incident postmortem ${id}`, style: 'primary' as const },
        { label: 'There is none', command: `incident postmortem ${id} none because …` },
      ],
    };
    const key = `postmortem:${id} ${timer.due.getTime()}`;
    if (writer) await tell.tell(tx, { key, to: { person: writer.name }, card, at: now });
    else await tell.news(tx, { key, news: 'incident', what: { card }, at: now });
    return aWeekLater(now, zone);
  };
}
