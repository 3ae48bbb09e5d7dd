import type { Place } from '../chat/command.ts';
import type { NEWS } from '../config/chat.ts';
import type { Config } from '../config/schema.ts';

export type News = (typeof NEWS)[number];

/** Channels that are bound to a kind of news, on the platforms that are configured. */
export function channelsFor(config: Pick<Config, 'slack' | 'discord' | 'channels' | 'timezone'>, news: News): Place[] {
  return Object.values(config.channels)
    .filter((bound) => bound.news?.includes(news))
    .flatMap((bound) =>
      (['slack', 'discord'] as const).flatMap((platform): Place[] => {
        const channel = config[platform] && bound[platform];
        return channel ? [{ platform, channel, zone: config.timezone }] : [];
      }),
    );
}
