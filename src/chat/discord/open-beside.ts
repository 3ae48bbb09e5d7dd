import { ChannelType, PermissionFlagsBits, Routes } from 'discord-api-types/v10';
import type { Beside, Sent } from '../../deliver/messenger.ts';
import type { Overwrite } from './missing.ts';
import type { Rest } from './rest.ts';

/** What is carried over from the channel beside it: who reads and who writes. More than it may itself a bot cannot give. */
const CARRIED =
  PermissionFlagsBits.ViewChannel | PermissionFlagsBits.SendMessages | PermissionFlagsBits.SendMessagesInThreads | PermissionFlagsBits.ReadMessageHistory;

/** Makes the channel of a mark, or finds it where it was made before. Whoever reads the one beside it reads this one. Throws what the library throws. */
export async function openBeside(rest: Rest, beside: string, { name, topic, mark }: Beside): Promise<Sent> {
  const home = await rest.call<{ guild_id?: string; parent_id?: string | null; permission_overwrites?: Overwrite[] }>(Routes.channel(beside));
  const server = home.guild_id;
  if (server === undefined) return { sent: false, why: 'no', says: 'it is no channel of a server' };
  const channels = await rest.call<{ id: string; topic?: string | null }[]>(Routes.guildChannels(server));
  const found = channels.find((one) => one.topic?.endsWith(`(${mark})`));
  const { id } =
    found ??
    (await rest.call<{ id: string }>(Routes.guildChannels(server), {
      method: 'POST',
      body: {
        name,
        type: ChannelType.GuildText,
        topic: `${topic} (${mark})`,
        ...(home.parent_id && { parent_id: home.parent_id }),
        permission_overwrites: (home.permission_overwrites ?? []).flatMap(({ id: whose, type, allow, deny }) => {
          // Numbers, as its schema has them in requests; answers have strings. What is carried fits.
          const carried = { id: whose, type, allow: Number(BigInt(allow) & CARRIED), deny: Number(BigInt(deny) & CARRIED) };
          return carried.allow === 0 && carried.deny === 0 ? [] : [carried];
        }),
      },
    }));
  return { sent: true, id, url: `https://discord.com/channels/${server}/${id}` };
}
