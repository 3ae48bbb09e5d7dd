import type { Person } from '../people.ts';
import { DAY, dayAt, momentOf, plusDays } from '../rollout/local-time.ts';
import { answerersOf } from './answerers.ts';
import type { Service } from './answering.ts';
import { changesOfPeople, changesOfPlan, type Shift, spans } from './on-call.ts';
import type { Standing } from './standing.ts';
import { peopleOf } from './troubles.ts';

/** Who is asked first for a service from one moment to another, without a hole: where nobody is, that is an entry of its own. */
export function firstAsked(service: Service, standing: Standing, from: number, until: number): Shift[] {
  const plan = service.roster === undefined ? undefined : standing.rosters.get(service.roster);
  const people = standing.people.filter(({ name }) => peopleOf(service, standing).includes(name));
  const prefers = service.prefer === 'awake' || people.some(({ prefer }) => prefer === 'awake');
  const moments = [
    ...(plan ? changesOfPlan(plan, from, until) : []),
    ...changesOfPeople(standing),
    ...(prefers ? people.flatMap((person) => nightsOf(person, standing.quiet, from, until)) : []),
  ];
  return spans(moments, from, until, (at) => {
    const { ask, not } = answerersOf({ service: service.name }, standing, at);
    const [first] = ask;
    if (!first) return { gap: not.map(({ who, because }) => `${who} ${because}`).join(', ') || 'nobody is named' };
    return { person: first.person, ...(first.insteadOf !== undefined && { insteadOf: first.insteadOf }), by: first.insteadOf === undefined ? 'turn' : 'cover' };
  });
}

/** When somebody falls asleep and wakes. */
function nightsOf({ zone, quiet: own }: Person, general: Standing['quiet'], from: number, until: number): number[] {
  const quiet = own ?? general;
  if (quiet === 'none') return [];
  const found: number[] = [];
  for (let day = plusDays(dayAt(from, zone), -1), at = from - DAY; at <= until + DAY; day = plusDays(day, 1), at += DAY)
    found.push(momentOf(day, quiet.from, zone), momentOf(day, quiet.until, zone));
  return found;
}
