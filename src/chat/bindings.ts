import type { Config } from '../config/schema.ts';
import type { ChatWorld } from './room.ts';

/** Which channels the configuration binds. */
export function bindingsIn(config: () => Config): Pick<ChatWorld, 'isPublic'> {
  return {
    isPublic: (platform, channel) => Object.values(config().channels).some((bound) => bound[platform] === channel),
  };
}
