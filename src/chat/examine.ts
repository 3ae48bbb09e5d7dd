import type { Examined } from '../doctor.ts';
import type { Ops } from '../ops.ts';
import type { Presence } from './presence.ts';

/** What doctor says of the chat platforms: what each of them answers now, where the bot is missing, and how the connections of this process stand. */
export async function examineChats(
  ops: Pick<Ops, 'config' | 'people' | 'commands' | 'connections'>,
  { everywhere }: Pick<Presence, 'everywhere'>,
): Promise<Examined[]> {
  const config = ops.config();
  const [slack, discord, channels] = await Promise.all([
    config.slack ? (await import('./slack/examine.ts')).examineSlack(config, ops.people()) : [],
    config.discord ? (await import('./discord/examine.ts')).examineDiscord(config, ops.people(), ops.commands()) : [],
    everywhere(),
  ]);
  const heard = channels.map(({ channel, platform, present, failed }): Examined => {
    if (failed !== undefined)
      return {
        name: platform,
        ok: false,
        says: `channel ${channel}: ${(failed as Error).message}`,
        remedy: 'mend what is said of the token and its scopes, then ask again',
      };
    if (present?.present && present.lacks !== undefined)
      return { name: platform, ok: false, says: `channel ${channel}: ${present.lacks}`, remedy: 'Channel settings, Permissions: give them to its role' };
    if (present?.present) return { name: platform, ok: true, says: `it is in the channel ${channel}` };
    return { name: platform, ok: false, says: `channel ${channel}: ${present?.says ?? 'not there'}`, remedy: 'invite it there, as said' };
  });
  const connections = ops.connections
    .all()
    .filter(({ platform }) => platform === 'slack' || platform === 'discord')
    .map(({ name, platform, ok, says, since }): Examined => {
      const at = new Date(since).toISOString().slice(0, 16);
      return {
        name: platform,
        ok,
        says: `${name}: ${says} (since ${at} UTC)`,
        ...(!ok && { remedy: 'it is tried again by itself; what the platform says above is the reason, if it is one of ours' }),
      };
    });
  return [...slack, ...discord, ...heard, ...connections];
}
