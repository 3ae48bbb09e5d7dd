import type { Person } from '../people.ts';
import { type Account, type Link, PLATFORMS } from './links.ts';

/** A role somebody has because a group of the platform has it. */
export interface GroupRole extends Account {
  role: Person['roles'][number];
}

/**
 * The people of the configuration with the accounts that were linked to them, and with the roles their groups give. An id in the
 * configuration goes before a link, of the account and of the person alike. Whoever a one-time code made admin without standing in
 * the configuration is a person, too.
 */
export function withAccounts(
  declared: readonly Person[],
  known: { links: readonly Link[]; groups: readonly GroupRole[] /** Of whoever the configuration does not name. */; zone: string },
): Person[] {
  const links = known.links.filter(({ platform, user }) => !declared.some((person) => person[platform] === user));
  const names = new Set(declared.map(({ name }) => name));
  const born = [...new Set(links.filter(({ person, admin }) => admin && !names.has(person)).map(({ person }) => person))];
  const people: Person[] = [...declared, ...born.map((name) => ({ name, display: name, roles: [], zone: known.zone }))];
  return people.map((person) => {
    const merged = { ...person };
    for (const platform of PLATFORMS) merged[platform] ??= links.find((link) => link.platform === platform && link.person === person.name)?.user;
    const admin = known.links.some((link) => link.admin && link.person === person.name && merged[link.platform] === link.user);
    const byGroups = known.groups.filter(({ platform, user }) => merged[platform] === user).map(({ role }) => role);
    return defined({ ...merged, roles: [...person.roles, ...(admin ? [{ role: 'admin' as const }] : []), ...byGroups] });
  });
}

/** Keys without a value are no keys. */
function defined(person: Person): Person {
  for (const platform of PLATFORMS) if (person[platform] === undefined) delete person[platform];
  return person;
}
