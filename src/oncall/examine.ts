import type { ChannelName } from '../deliver/channel.ts';
import { peopleOf, reachableOf } from '../escalation/troubles.ts';
import type { Person } from '../people.ts';
import type { Queries } from '../store/db.ts';
import { sayTroubles } from './card.ts';
import { lookAtPeople } from './look.ts';
import type { StandingWorld } from './standing.ts';

/** Well without a `remedy`. */
export interface ExaminedPeople {
  says: string;
  remedy?: string;
}

/** Whether a page for each service would reach two people by what is configured, and what of the next two weeks would keep it from it. */
export async function examinePeople(db: Queries, world: StandingWorld & { simulated: boolean }): Promise<ExaminedPeople[]> {
  const { now, standing, reaches, troubles: found } = await lookAtPeople(db, world);
  const services = [...standing.services.values()];
  if (services.length === 0) return [withoutServices(world.people(), reaches)];
  const asked = { standing, reaches, now };
  const told = sayTroubles(found, { now, zone: world.config().timezone });
  const least = Math.min(...services.map((service) => reachableOf(service, asked).reached.length));
  const people = [...new Set(services.flatMap((service) => peopleOf(service, standing)))];
  const ways = people.map((name) => {
    const person = standing.people.find((one) => one.name === name);
    return `${name} by ${(person ? reaches(person) : []).join(', ') || 'nothing'}`;
  });
  return [
    ...found.map(({ remedy }, at) => ({ says: told[at] as string, remedy })),
    ...(least < 2 ? [] : [{ says: `each of ${services.length} services has at least ${least} people who can be reached: ${ways.join('; ')}` }]),
  ];
}

/** Then a page asks everyone with the role. */
function withoutServices(people: readonly Person[], reaches: (person: Person) => readonly ChannelName[]): ExaminedPeople {
  const reached = people.filter((person) => !person.machine && reaches(person).length > 0);
  return {
    says: `nobody answers for anything, so a page asks everyone: ${reached.length} of ${people.length} people can be reached`,
    remedy: 'give groups an owner, or write services with owner and backups (docs/configuration.md); and people a telephone number, an address or a topic',
  };
}
