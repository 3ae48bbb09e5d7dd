import type { Progress } from './shown.ts';

/** What a device that cannot edit was told of a card; of things that go on for long it is kept with the card. */
export interface Said {
  /** The line it was said to: a later line is told from the beginning. */
  line: string | null;
  /** How often the whole card was said before its end. */
  words: number;
  /** As last said; absent for what is over soon. */
  turn?: string;
  state?: string;
  /** Its end was said. */
  final?: boolean;
  /** Wall time of the last word. */
  at: number;
}

/** What to do about a card now, and in how many wall ms to look again. */
export interface Words {
  say: 'card' | 'line' | 'nothing';
  again?: number;
}

/** Wall ms after its begin at which an unfinished thing is shown whole: first words, and the verdict with "n not yet". */
const WHOLE = [1500, 15_000];
/** Wall ms between two lines about a thing that goes on and did not turn. */
const BETWEEN_LINES = 15_000;

/** Whether an unfinished thing of this age (wall ms) has to be rendered at all before anything can be said of it. */
export function dueWords(said: Said | undefined, age: number): Words {
  if (said?.turn !== undefined) return { say: 'line' };
  const due = WHOLE.filter((at) => at <= age).length;
  const next = WHOLE.find((at) => at > age);
  return { say: due > (said?.words ?? 0) ? 'card' : 'nothing', ...(next !== undefined && { again: next - age }) };
}

/** Of a thing that goes on for long: a line when it turned, and now and then when there is something new. */
export function dueLine(said: Said, progress: Progress, now: number): Words {
  if (progress.turn !== said.turn) return { say: 'line' };
  if (progress.state === said.state) return { say: 'nothing' };
  const wait = said.at + BETWEEN_LINES - now;
  return wait <= 0 ? { say: 'line' } : { say: 'nothing', again: wait };
}
