import type { Config } from '../config/schema.ts';
import type { Log } from '../ops.ts';
import { boundTo } from './bindings.ts';
import type { Place } from './command.ts';

/** Whether the bot can be heard in a channel; what is missing is said as somebody there would do it. */
export type Present =
  /** `lacks`: what it cannot do there, and is heard all the same. */
  { present: true; lacks?: string } | { present: false; says: string };

/** Wall ms for which a channel where the bot was is believed to have it still. */
const BELIEVED = 5 * 60_000;

/** Where the bot can be heard: looked at before anything begins whose answer would stand there. */
export interface Presence {
  /** Why an answer in this place would be heard by nobody; nothing where it would be, and where the platform does not say. */
  unheard(place: Place): Promise<string | undefined>;
  /** Every channel of the configuration, asked now. */
  everywhere(): Promise<{ channel: string; platform: 'slack' | 'discord'; present?: Present; failed?: unknown }[]>;
}

export function openPresence(world: { config(): Config; log: Log }): Presence {
  const heard = new Map<string, number>();
  const ask = async (platform: 'slack' | 'discord', channel: string): Promise<Present> => {
    // What a platform brings along is loaded only where the platform is configured.
    const look = platform === 'slack' ? (await import('./slack/presence.ts')).slackPresence : (await import('./discord/presence.ts')).discordPresence;
    const found = await look(world.config(), channel);
    if (found.present) heard.set(`${platform} ${channel}`, performance.now());
    else heard.delete(`${platform} ${channel}`);
    return found;
  };
  return {
    async unheard(place) {
      // Answers for the asker alone need no membership.
      if (place.alone || (place.platform !== 'slack' && place.platform !== 'discord') || !boundTo(world.config, place)) return undefined;
      const last = heard.get(`${place.platform} ${place.channel}`);
      if (last !== undefined && performance.now() - last < BELIEVED) return undefined;
      try {
        const found = await ask(place.platform, place.channel);
        return found.present ? undefined : `${found.says} Nothing was begun.`;
      } catch (error) {
        world.log.warn({ err: error, channel: place.channel }, 'whether the bot is in a channel could not be asked; the line is done all the same');
        return undefined;
      }
    },
    everywhere: () =>
      Promise.all(
        Object.entries(world.config().channels).flatMap(([name, entry]) =>
          (['slack', 'discord'] as const).flatMap((platform) => {
            const id = entry[platform];
            if (id === undefined || !world.config()[platform]) return [];
            return [
              ask(platform, id).then(
                (present) => ({ channel: name, platform, present }),
                (failed: unknown) => ({ channel: name, platform, failed }),
              ),
            ];
          }),
        ),
      ),
  };
}
