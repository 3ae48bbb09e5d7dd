import { PermissionFlagsBits } from 'discord-api-types/v10';
import type { Permission } from './permissions.ts';

/** What a channel says of a role or a member, besides the server. */
export interface Overwrite {
  id: string;
  /** 0 a role, 1 a member. */
  type: number;
  allow: string;
  deny: string;
}

/** Which of the permissions it needs a member lacks in a channel, by Discord's own order: server, everyone, roles, member. */
export function missingIn(
  needed: readonly Permission[],
  of: {
    server: string;
    member: { id: string; roles: readonly string[] };
    /** Of the server; `@everyone` has the server's id. */
    roles: readonly { id: string; permissions: string }[];
    overwrites: readonly Overwrite[];
  },
): Permission[] {
  const mine = new Set([of.server, ...of.member.roles]);
  const base = of.roles.filter(({ id }) => mine.has(id)).reduce((all, { permissions }) => all | BigInt(permissions), 0n);
  if (base & PermissionFlagsBits.Administrator) return [];
  const after = (before: bigint, which: (overwrite: Overwrite) => boolean): bigint => {
    const found = of.overwrites.filter(which);
    const denied = found.reduce((all, { deny }) => all | BigInt(deny), 0n);
    return found.reduce((all, { allow }) => all | BigInt(allow), before & ~denied);
  };
  const everyone = after(base, ({ type, id }) => type === 0 && id === of.server);
  const byRoles = after(everyone, ({ type, id }) => type === 0 && id !== of.server && mine.has(id));
  const all = after(byRoles, ({ type, id }) => type === 1 && id === of.member.id);
  return needed.filter(({ bit }) => (all & bit) === 0n);
}
