import { answerersOf } from '../escalation/answerers.ts';
import { type Absence, absenceOf, type Standing } from '../escalation/standing.ts';
import { peopleOf } from '../escalation/troubles.ts';

/** As it is once somebody is away, and what was said of it before is over. */
export const withAway = (standing: Standing, away: Absence): Standing => ({
  ...standing,
  absences: [...standing.absences.filter(({ person }) => person !== away.person), away],
});

/** For the services somebody answers for, those alike together: who is asked while they are away. */
export function sayInstead(standing: Standing, person: string, at: number): string[] {
  const alike = new Map<string, string[]>();
  for (const service of standing.services.values()) {
    if (!peopleOf(service, standing).includes(person)) continue;
    const [first, ...behind] = answerersOf({ service: service.name }, standing, at).ask;
    const others = behind.length > 0 ? `, then ${behind.map((one) => one.person).join(', ')}` : ', and nobody behind them';
    const says = first
      ? `${first.person} is asked first (${first.localTime} there)${others}`
      : 'nobody is left. A page asks everyone with the role until somebody answers';
    alike.set(says, [...(alike.get(says) ?? []), service.name]);
  }
  return [...alike].map(([says, services]) => `${services.join(', ')}: ${says}`);
}

/** Everybody else of the services somebody answers for. */
export const othersOf = (standing: Standing, person: string, at: number): string[] => [
  ...new Set(
    [...standing.services.values()]
      .map((service) => peopleOf(service, standing))
      .filter((people) => people.includes(person))
      .flat()
      .filter((name) => name !== person && !absenceOf(standing, name, at)),
  ),
];
