import { permissionBits, permissionsFor } from './permissions.ts';

/** Why the invitation asks for each scope. */
const SCOPES = [
  { scope: 'bot', why: 'speaks in channels, and to people alone' },
  { scope: 'applications.commands', why: '/ops, /incident and /oncall' },
] as const;

/** The link with which somebody who may manage a server lets the bot in; `server` is chosen beforehand where it is said. `channels`: it makes some for incidents. */
export function invitation(
  application: string,
  { server, channels = false }: { server?: string | undefined; channels?: boolean } = {},
): { url: string; reasons: { what: string; why: string }[] } {
  const asked = new URLSearchParams({
    client_id: application,
    scope: SCOPES.map(({ scope }) => scope).join(' '),
    permissions: permissionBits(channels),
    ...(server !== undefined && { guild_id: server, disable_guild_select: 'true' }),
  });
  return {
    url: `https://discord.com/oauth2/authorize?${asked}`,
    reasons: [...SCOPES.map(({ scope, why }) => ({ what: scope, why })), ...permissionsFor(channels).map(({ name, why }) => ({ what: name, why }))],
  };
}
