import type { Config } from '../config/schema.ts';
import type { Place } from './command.ts';
import type { OwnChannels } from './own-channels.ts';
import type { ChatWorld } from './room.ts';

/** A channel of the configuration, as it stands on one platform. */
export interface Bound {
  /** As the configuration calls it. */
  name: string;
  targets?: string;
}

/** What the channel of a place is bound to; nothing where it is no channel of the configuration. */
export function boundTo(config: () => Config, { platform, channel }: Pick<Place, 'platform' | 'channel'>): Bound | undefined {
  if (platform !== 'slack' && platform !== 'discord') return undefined;
  const found = Object.entries(config().channels).find(([, entry]) => entry[platform] === channel);
  return found && { name: found[0], ...(found[1].targets !== undefined && { targets: found[1].targets }) };
}

/** Which channels the configuration binds, and which were made beside them. */
export function bindingsIn(config: () => Config, own: Pick<OwnChannels, 'has'>): Pick<ChatWorld, 'isPublic'> {
  return { isPublic: (platform, channel) => boundTo(config, { platform, channel }) !== undefined || own.has(platform, channel) };
}

/** Whether incidents get channels of their own anywhere: only then the bot asks to be allowed to make any. */
export const makesChannels = ({ channels }: Pick<Config, 'channels'>): boolean =>
  Object.values(channels).some(({ incident_channels: from }) => from !== undefined);
