import { z } from 'zod';
import { type Person, ROLES, type Role } from '../people.ts';

const FORM = /^(\S+)(?:\s+on\s+(.+))?$/;

/** `operator`, or `operator on @kaza` → role and scope. */
export const roleText = () =>
  z
    .string()
    .refine((text) => readRole(text) !== undefined, {
      error: (issue) => `${JSON.stringify(issue.input)} is no role; write \`known\`, \`operator\` or \`admin\`, or \`operator on @group\``,
    })
    .transform((text) => readRole(text) as Person['roles'][number]);

function readRole(text: string): Person['roles'][number] | undefined {
  const [, role, scope] = FORM.exec(text.trim()) ?? [];
  if (role === 'anyone' || !ROLES.includes(role as Role)) return undefined;
  return scope === undefined ? { role: role as Role } : { role: role as Role, scope: scope.trim() };
}
