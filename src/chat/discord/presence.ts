import type { Config } from '../../config/schema.ts';
import { makesChannels } from '../bindings.ts';
import type { Present } from '../presence.ts';
import { askDiscord, DiscordSaysNo } from './ask.ts';
import { missingIn, type Overwrite } from './missing.ts';
import { permissionsFor } from './permissions.ts';

/** Whether the bot can be heard in a channel of Discord. Throws when Discord does not say. */
export async function discordPresence(config: Config, channel: string): Promise<Present> {
  const { discord } = config;
  if (!discord) throw new Error('there is no discord section');
  try {
    const found = await askDiscord<{ guild_id?: string; permission_overwrites?: Overwrite[] }>(discord, `/channels/${channel}`);
    if (found.guild_id === undefined) return { present: true };
    const me = await askDiscord<{ id: string }>(discord, '/users/@me');
    const [member, roles] = await Promise.all([
      askDiscord<{ roles: string[] }>(discord, `/guilds/${found.guild_id}/members/${me.id}`),
      askDiscord<{ id: string; permissions: string }[]>(discord, `/guilds/${found.guild_id}/roles`),
    ]);
    const missing = missingIn(permissionsFor(makesChannels(config)), {
      server: found.guild_id,
      member: { id: me.id, roles: member.roles },
      roles,
      overwrites: found.permission_overwrites ?? [],
    });
    const says = `In <#${channel}> I lack ${missing.map(({ name }) => name).join(', ')}`;
    if (missing.some(({ without }) => without === undefined)) return no(`${says}. Channel settings, Permissions: give them to my role.`);
    if (missing.length === 0) return { present: true };
    return { present: true, lacks: `${says}: ${missing.map(({ without }) => without).join('; ')}.` };
  } catch (error) {
    if (error instanceof DiscordSaysNo && (error.status === 404 || error.status === 403))
      return no(
        `I cannot see this channel (<#${channel}>). Channel settings, Permissions: add my role with View Channel; or the invitation again: npx holdfast manifest discord.`,
      );
    throw error;
  }
}

const no = (says: string): Present => ({ present: false, says });
