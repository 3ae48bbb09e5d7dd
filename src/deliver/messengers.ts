import type { Messenger } from './messenger.ts';

/** The chat platforms this process is connected to. They come after the rooms that send by them, and go before them. */
export interface Messengers {
  of(platform: string): Messenger | undefined;
  all(): readonly Messenger[];
  /** Returns how to take it away. */
  add(messenger: Messenger): () => void;
  /** Called when one was added. */
  onAdded(hear: () => void): () => void;
}

export function openMessengers(): Messengers {
  const known = new Map<string, Messenger>();
  const hearing = new Set<() => void>();
  return {
    of: (platform) => known.get(platform),
    all: () => [...known.values()],
    add(messenger) {
      known.set(messenger.platform, messenger);
      for (const hear of hearing) hear();
      return () => {
        if (known.get(messenger.platform) === messenger) known.delete(messenger.platform);
      };
    },
    onAdded(hear) {
      hearing.add(hear);
      return () => void hearing.delete(hear);
    },
  };
}
