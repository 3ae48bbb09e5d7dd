import { Refusal } from '../lib/refusal.ts';
import type { Person, Role } from '../people.ts';
import { rank, strongestRole } from '../people.ts';

/**
 * Whether this person may type this command at all; the one place that decides, whatever the platform showed.
 * Answers the scopes within which they may: `everywhere`, or target expressions of which one must hold every host.
 */
export function authorise(
  actor: Person,
  command: { name: string; role: Role; peopleOnly?: boolean },
): { everywhere: true } | { everywhere: false; scopes: string[] } {
  if (actor.machine && command.peopleOnly)
    throw new Refusal(`"${command.name}" is for people: ${actor.name} is a machine. Somebody types it where people are.`);
  const holds = actor.roles.filter(({ role }) => rank(role) >= rank(command.role));
  if (command.role === 'anyone' || holds.some(({ scope }) => scope === undefined)) return { everywhere: true };
  if (holds.length > 0) return { everywhere: false, scopes: holds.map(({ scope }) => scope as string) };
  throw new Refusal(
    `"${command.name}" needs the role ${command.role}; ${actor.name} is ${say(strongestRole(actor))}. Ask an admin to add it under ${actor.machine ? 'automation' : 'people'} in holdfast.yaml.`,
  );
}

const say = (role: Role): string => (role === 'anyone' ? 'not known here' : role);
