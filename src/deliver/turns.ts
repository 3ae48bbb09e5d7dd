import type { Claimed, Room } from './attempt-claims.ts';
import { OF_ONE_PERSON } from './attempt-claims.ts';
import type { Channel } from './channel.ts';

/** Places of each channel: what hangs in one takes none of another's, and one person's trouble takes few. */
export interface Turns {
  rooms(channels: readonly Pick<Channel, 'name' | 'atOnce'>[]): Room[];
  take(attempt: Claimed): void;
  give(attempt: Claimed): void;
  inHand(): Claimed[];
}

export function openTurns(places: number): Turns {
  const taken = new Map<string, Claimed>();
  return {
    rooms(channels) {
      const held = [...taken.values()];
      return channels.flatMap(({ name: channel, atOnce }) => {
        const mine = held.filter((one) => one.channel === channel);
        const of = new Map<string, number>();
        for (const { person } of mine) of.set(person, (of.get(person) ?? 0) + 1);
        const full = [...of].filter(([, n]) => n >= OF_ONE_PERSON).map(([person]) => person);
        const free = Math.min(places, atOnce ?? places) - mine.length;
        return free > 0 ? [{ channel, free, full }] : [];
      });
    },
    take: (attempt) => void taken.set(attempt.id, attempt),
    give: (attempt) => void taken.delete(attempt.id),
    inHand: () => [...taken.values()],
  };
}
