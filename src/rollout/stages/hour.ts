import { sayDuration } from '../../lib/duration.ts';
import { when } from '../words.ts';
import type { Stage } from './stage.ts';
import { wait } from './stage.ts';

/** So late, what was agreed upon no longer counts: people went home, the window is half over. */
export const LATE = 30 * 60_000;

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

/** It missed its hour, or the opening of its window that people were told: they are asked again. */
export const late: Stage = {
  name: 'late',
  look(at) {
    const { run, now, world } = at;
    const due = run.due ?? run.plan.startAt;
    if (due === undefined || run.begunAt !== undefined || run.plan.safe || now < due) return undefined;
    // Whoever says yes after the hour knows that it is past.
    const from = Math.max(due, run.approvals[at.ring]?.at ?? 0, run.askedAt ?? 0);
    if (now < from + LATE) {
      at.looks.push(from + LATE);
      return undefined;
    }
    const because = `${run.id} was to begin at ${when(due, now, world.zone)} and is ${sayDuration(now - due)} late: its approval no longer counts, approve ${run.id} again or stop ${run.id}`;
    at.say.push({ key: `late:${now}`, text: because });
    return { state: 'planned', because, waiting: { for: 'approval', because, until: now + world.defaults['approval.expires'] }, askAgain: true };
  },
};
