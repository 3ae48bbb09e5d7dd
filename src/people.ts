import type { Secret } from './config/secret.ts';
import type { ChannelName } from './deliver/channel.ts';

/** Who may do what. Each role includes the one before it; `anyone` is a stranger. */
export const ROLES = ['anyone', 'known', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface Person {
  /** The word others type: `ada`. `console` is the shell of the machine, an admin. */
  name: string;
  display: string;
  roles: { role: Role /** A target expression; absent = everywhere. */; scope?: string }[];
  /** Unix logins that act as this person in `holdfast exec`. */
  logins?: string[];
  /** IANA zone. */
  zone: string;
  /** Where they can be reached, and by which ids platforms know them. */
  slack?: string;
  discord?: string;
  email?: string;
  phone?: string;
  /** A topic or its URL; who knows it can read it. */
  ntfy?: Secret;
  /** A URL of a program that reaches them. */
  webhook?: Secret;
  /** The ways that are used, the first one preferred; absent = all they have. */
  channels?: ChannelName[];
  /** When they sleep, minutes after midnight in their own zone; absent = what the defaults say. */
  quiet?: { from: number; until: number } | 'none';
  /** While they sleep, somebody of the same service who is awake is asked before them. */
  prefer?: 'awake';
  /** “02:10 for her”. */
  pronoun?: 'her' | 'him' | 'them';
  /** Another program, by its key: nobody to approve, to be asked or to be paged. */
  machine?: true;
}

/** The strongest role a person has anywhere; scope is looked at where hosts are touched. */
export function strongestRole(person: Person): Role {
  return person.roles.reduce<Role>((best, { role }) => (rank(role) > rank(best) ? role : best), 'anyone');
}

export const rank = (role: Role): number => ROLES.indexOf(role);

/** The shell of the machine Holdfast runs on: whoever has it could do anything anyway. Its lines are audited like others'. */
export const CONSOLE: Person = { name: 'console', display: 'console', roles: [{ role: 'admin' }], zone: 'UTC' };

/** Looks people up in the configuration in force. */
export function directory(people: () => readonly Person[]): { named(name: string): Person; ofLogin(login: string): string } {
  return {
    named: (name) => people().find((person) => person.name === name) ?? (name === CONSOLE.name ? CONSOLE : { name, display: name, roles: [], zone: 'UTC' }),
    ofLogin: (login) => people().find((person) => person.logins?.includes(login))?.name ?? CONSOLE.name,
  };
}
