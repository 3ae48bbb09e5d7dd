import { type Circumstances, decide, type PageNow } from './decide.ts';

/** Steps looked ahead: the channels of one person, one after the other, are some of them. */
const MOST = 12;

/**
 * Whom a page asks next who is not asked in this round yet, and when, if nobody answers and everything stays as it is: the decisions that will be
 * taken, taken now. `due` = when it is looked at again. Absent where that is too far ahead, or nobody else is left.
 */
export function nextAsked(page: PageNow, due: number, world: Circumstances): { at: number; people: string[] } | undefined {
  let then = page;
  let at: number | undefined = due;
  for (let step = 0; step < MOST && at !== undefined; step += 1) {
    const next = decide(then, at, world);
    if (next.state !== 'open') return undefined;
    const asked = new Set(next.round === then.round ? then.tried.map(({ person }) => person) : []);
    const people = [...new Set(next.attempts.map(({ person }) => person))].filter((person) => !asked.has(person));
    if (people.length > 0) return { at, people };
    const tried = next.attempts.map(({ step: of, person, channel }) => ({ step: of, person, channel, due: at as number, state: 'sent' as const, tries: 1 }));
    const { ackedBy: _by, ackEnds: _ends, ...page } = then;
    then = {
      ...page,
      state: 'open',
      round: next.round,
      fromRound: next.fromRound,
      step: next.step,
      stepped: next.stepped,
      tried: next.round === then.round ? [...then.tried, ...tried] : tried,
    };
    at = next.at === undefined || next.at <= at ? undefined : next.at;
  }
  return undefined;
}
