import type { Ops } from '../ops.ts';
import type { ChatWorld } from './room.ts';

/** Who somebody on a chat platform is here. */
export function whoIn({ people, config }: Pick<Ops, 'people' | 'config'>): Pick<ChatWorld, 'actorOf' | 'zoneOf'> {
  return {
    actorOf: (platform, user) => people().find((person) => person[platform] === user)?.name ?? `${platform}:${user}`,
    zoneOf: (actor) => people().find(({ name }) => name === actor)?.zone ?? config().timezone,
  };
}
