/** What a job or a program says of itself: `success` it ended well, `fail` it did not, `start` it begins, `log` nothing that counts. */
export type Signal = 'success' | 'fail' | 'start' | 'log';

/** A heartbeat as last heard. Domain ms. */
export interface Beat {
  state: 'new' | 'up' | 'down';
  /** When it last said that it ended, well or not. */
  last?: number;
  /** A run that said it begins, and its id, until it says its end. */
  begun?: number;
  rid?: string;
  /** How long the last run took that said its begin and its end under one id, ms. */
  took?: number;
}

/** What it should do. */
export interface Schedule {
  /** When it should be heard next, after it was heard at `last`. */
  next(last: number): number;
  /** How late that may be, and how long a run may take, ms. */
  grace: number;
  /** It is noted, and nobody is asked. */
  paused: boolean;
}

/** How it stands, as a person is told. */
export type Standing = 'new' | 'started' | 'up' | 'late' | 'down' | 'paused';

/** A heartbeat after something happened to it, and what is said of it: `firing` somebody is asked, `resolved` it is over. */
export interface Decided {
  beat: Beat;
  says?: 'firing' | 'resolved';
  because: string;
}

/**
 * What a ping comes to, as healthchecks means it: a start measures and is missed when its end is, an end under another id leaves the run that was
 * begun open, a failure is down at once, a log changes nothing. Unlike there, a run that was missed once is not missed again.
 */
export function ping(before: Beat, { signal, rid, at }: { signal: Signal; rid?: string; at: number }, { grace }: Pick<Schedule, 'grace'>): Decided {
  // A run that did not end in time while it was down, whose end nobody waits for any more: it would be missed in the moment another one ends well.
  const given = before.state === 'down' && before.begun !== undefined && before.begun + grace <= at && before.rid !== rid;
  const beat = given ? withoutRun(before) : before;
  if (signal === 'log') return { beat, because: 'it was said only' };
  if (signal === 'start') return { beat: { ...withoutRun(beat), begun: at, ...(rid !== undefined && { rid }) }, because: 'it begins' };
  const same = beat.begun !== undefined && beat.rid === rid;
  const ends = same || signal === 'fail' || rid === undefined;
  const { took: _, ...rest } = ends ? withoutRun(beat) : beat;
  const state = signal === 'fail' ? 'down' : 'up';
  const after: Beat = { ...rest, state, last: at, ...(same && { took: at - (beat.begun as number) }) };
  if (state === 'down') return beat.state === 'down' ? { beat: after, because: 'it failed again' } : { beat: after, says: 'firing', because: 'it failed' };
  return beat.state === 'down' ? { beat: after, says: 'resolved', because: 'it was heard again' } : { beat: after, because: 'it was heard' };
}

/** When it is missed, domain ms; `undefined` as long as nothing is waited for: it was never heard, or is down already. */
export function missedAt(beat: Beat, schedule: Schedule): number | undefined {
  if (beat.state === 'down') return undefined;
  const waits = [...(beat.state === 'up' && beat.last !== undefined ? [schedule.next(beat.last)] : []), ...(beat.begun === undefined ? [] : [beat.begun])];
  return waits.length === 0 ? undefined : Math.min(...waits) + schedule.grace;
}

/** Whether it is missed by now. */
export function look(beat: Beat, schedule: Schedule, now: number): Decided {
  const missed = missedAt(beat, schedule);
  if (missed === undefined || now < missed) return { beat, because: 'nothing is missed' };
  const stuck = beat.begun !== undefined && beat.begun + schedule.grace === missed;
  return { beat: { ...(stuck ? withoutRun(beat) : beat), state: 'down' }, says: 'firing', because: stuck ? 'it began and did not end' : 'it was not heard' };
}

export function standing(beat: Beat, schedule: Schedule, now: number): Standing {
  if (schedule.paused) return 'paused';
  if (look(beat, schedule, now).beat.state === 'down') return 'down';
  if (beat.begun !== undefined) return 'started';
  if (beat.state === 'up' && beat.last !== undefined && now >= schedule.next(beat.last)) return 'late';
  return beat.state;
}

function withoutRun({ begun: _, rid: __, ...beat }: Beat): Beat {
  return beat;
}
