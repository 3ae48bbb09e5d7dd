/** Who may do what. Each role includes the one before it; `anyone` is a stranger. */
export const ROLES = ['anyone', 'known', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface Person {
  /** The word others type: `ada`. `console` is the shell of the machine, an admin. */
  name: string;
  display: string;
  roles: { role: Role; /** A target expression; absent = everywhere. */ scope?: string }[];
  /** IANA zone. */
  zone: string;
}

/** The strongest role a person has anywhere; scope is looked at where hosts are touched. */
export function strongestRole(person: Person): Role {
  return person.roles.reduce<Role>((best, { role }) => (rank(role) > rank(best) ? role : best), 'anyone');
}

export const rank = (role: Role): number => ROLES.indexOf(role);
