import { when } from '../words.ts';
import type { Deciding, Stage } from './stage.ts';
import { wait } from './stage.ts';

/** So late, what was agreed upon no longer counts: people went home, the window is half over. */
const LATE = 30 * 60_000;

export const startTime: Stage = {
  name: 'start time',
  look(at) {
    const { run, now, world } = at;
    const { startAt } = run.plan;
    if (startAt === undefined || now >= startAt) return undefined;
    at.due = startAt;
    return wait(at, { for: 'time', because: `${run.id} begins at ${when(startAt, now, world.zone)}`, until: startAt });
  },
};

/** It missed its hour, or the opening of its window: who said yes to that is asked again. */
export const late: Stage = {
  name: 'late',
  look(at) {
    const { run, now, world } = at;
    if (run.begunAt !== undefined || run.plan.safe) return undefined;
    const due = dueAt(at);
    if (due === undefined) return undefined;
    at.due = due;
    // Whoever says yes after the hour knows that it is past.
    const ends = Math.max(due, agreedAt(at)) + LATE;
    if (now < ends) {
      at.looks.push(ends);
      return undefined;
    }
    const because = `${run.id} was due at ${when(due, now, world.zone)} and has not begun by ${when(now, now, world.zone)}: its approval no longer counts, approve ${run.id} again or stop ${run.id}`;
    at.say.push({ key: `late:${now}`, text: because });
    return { state: 'planned', because, waiting: { for: 'approval', because, until: now + world.defaults['approval.expires'] }, askAgain: true };
  },
};

/** As people were told when they said yes; who says yes later is told anew. `undefined` = as soon as there is room. */
function dueAt(at: Deciding): number | undefined {
  const { run, now, world } = at;
  const told = run.due ?? run.plan.startAt;
  if (told !== undefined && told >= agreedAt(at)) return told;
  const openings = at.waiting.flatMap(({ host, wave, class: kind }) => {
    const hours = wave <= run.wave ? world.windows[host] : undefined;
    if (!hours) return [];
    // Inside an opening it is late when it no longer fits.
    return [hours.open ? Math.max(now, hours.closes - (run.prediction.host[kind]?.p95 ?? 0) - LATE) : hours.opens];
  });
  if (openings.length === 0) return told;
  // Nobody decided for so long after the yes that whatever opening was meant may be past.
  return now < agreedAt(at) + LATE ? Math.min(...openings) : agreedAt(at);
}

const agreedAt = ({ run, ring }: Deciding): number => Math.max(run.approvals[ring]?.at ?? 0, run.askedAt ?? 0, run.plannedAt);
