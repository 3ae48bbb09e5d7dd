import { ROLES, type Role } from '../people.ts';

/**
 * Whom a page, or a step of a policy, is for. `part` is of the service the page is about: whoever is on call, the owner, each
 * backup in turn, or all of them at once.
 */
export type StepTo = { person: string } | { service: string } | { roster: string } | { role: Role } | { channel: string } | { part: (typeof PARTS)[number] };

export const PARTS = ['oncall', 'owner', 'backups', 'everyone'] as const;

/** `ada`, `oncall`, `roster:night`, `service:web`, `role:operator`, `channel:ops` as configurations write it; `undefined` for what is none. */
export function readStepTo(text: string): StepTo | undefined {
  const word = text.trim().replace(/^@/, '');
  const part = PARTS.find((one) => one === word);
  if (part) return { part };
  const [, kind, name = ''] = /^(roster|service|role|channel|person):(\S+)$/.exec(word) ?? [];
  if (kind === 'role') return ROLES.includes(name as Role) && name !== 'anyone' ? { role: name as Role } : undefined;
  if (kind !== undefined) return { [kind]: name } as StepTo;
  return /^[^\s:]+$/.test(word) ? { person: word } : undefined;
}

/** As people read it: `ada`, `the backups`, `the roster night`. */
export function sayStepTo(recipient: StepTo): string {
  if ('part' in recipient)
    return recipient.part === 'everyone' ? 'everyone of the service' : recipient.part === 'oncall' ? 'whoever is on call' : `the ${recipient.part}`;
  if ('person' in recipient) return recipient.person;
  const [kind, name] = Object.entries(recipient)[0] as [string, string];
  return kind === 'role' ? `everyone who is ${name}` : `the ${kind} ${name}`;
}
