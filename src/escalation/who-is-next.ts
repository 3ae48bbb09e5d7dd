import type { Circumstances, PageNow } from './decide.ts';
import { nightEnds } from './night.ts';
import type { Who } from './roster.ts';

/** Somebody, or a place in the policy, that was passed over. */
export interface Passed {
  who: string;
  why: string;
}

/** Where the page is to go on. */
export interface Place {
  step: number;
  /** People of this round so far. */
  asked: ReadonlySet<string>;
  /** With everyone who has the role. */
  everyone: boolean;
  /** Nobody else is left: whoever is away is asked, too. */
  desperate: boolean;
  /** Had it, and their acknowledgement lapsed. */
  had?: string;
}

/** Who is asked in a step as things are now, each once in a round; who is not, and why; and the channels in which it is posted. */
export function whoIsNext(
  { policy, recipient }: PageNow,
  place: Place,
  now: number,
  world: Circumstances,
): { people: string[]; passed: Passed[]; posts: string[] } {
  const { roster } = world;
  const passed: Passed[] = [];
  const names: string[] = [];
  const carries = new Set([...policy.rungs.flatMap(({ channels }) => channels), ...(policy.steps[place.step]?.by ?? [])]);
  const posts: string[] = [];
  for (const who of policy.steps[place.step]?.who ?? []) {
    const found = who.is === 'backup' && policy.prefersAwake ? awakeFirst() : roster.named(who, recipient, now);
    if (who.is === 'channel') posts.push(who.name);
    else if (found.length === 0) passed.push({ who: wordsOf(who), why: 'there is nobody' });
    names.push(...found);
  }
  if (place.had !== undefined) names.push(place.had);
  if (place.everyone) names.push(...roster.everyone());
  const people = [...new Set(names)].filter((name) => {
    if (place.asked.has(name)) return false;
    const away = place.desperate ? undefined : roster.away(name, now);
    const why = away ?? (!world.channels(name).some((channel) => carries.has(channel)) ? 'no channel reaches them' : undefined);
    if (why !== undefined) passed.push({ who: name, why });
    return why === undefined;
  });
  return { people, passed, posts };

  /** The next backup of this round: one for whom it is day, while there is one. */
  function awakeFirst(): string[] {
    const backups = policy.steps
      .flatMap(({ who }) => who)
      .filter(({ is }) => is === 'backup')
      .flatMap((who) => roster.named(who, recipient, now));
    const left = backups.filter((name) => !place.asked.has(name) && roster.away(name, now) === undefined);
    const awake = left.find((name) => nightEnds(name, now, roster, policy) === undefined);
    return [awake ?? left[0]].filter((name) => name !== undefined);
  }
}

const wordsOf = (who: Who): string => {
  if (who.is === 'backup') return `backup ${who.n + 1}`;
  if (who.is === 'oncall') return `on call in ${who.roster}`;
  return 'name' in who ? who.name : who.is;
};
