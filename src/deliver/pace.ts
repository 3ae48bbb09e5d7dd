/** How fast a platform may be written to. Messages at once in wall ms and counts; each from the vendor's documentation. */
export interface Pace {
  /** Wall ms between two messages in one channel. */
  channel: number;
  /** Wall ms between two edits of one card. */
  edit: number;
  /** Wall ms an unfinished thing has to end before its first words: what is over at once is one message, not a message and an edit. */
  firstWords: number;
  /** What all channels share: `burst` at once, and one more every `every` wall ms. */
  posts: Budget;
  edits: Budget;
  finds: Budget;
  /** Calls in flight at once. */
  atOnce: number;
}

export interface Budget {
  burst: number;
  every: number;
}

/**
 * Slack: chat.postMessage takes 1/s a channel and several hundred a minute a workspace; chat.update and conversations.history are tier 3,
 * 50 a minute. Discord: 50 requests/s a bot, 5 messages in 5 s a channel. We stay below, and obey Retry-After besides.
 */
export const PACES: Record<'slack' | 'discord', Pace> = {
  slack: {
    channel: 1_000,
    edit: 3_000,
    firstWords: 800,
    posts: { burst: 20, every: 250 },
    edits: { burst: 10, every: 1_300 },
    finds: { burst: 10, every: 1_500 },
    atOnce: 16,
  },
  discord: {
    channel: 1_000,
    edit: 3_000,
    firstWords: 800,
    posts: { burst: 20, every: 50 },
    edits: { burst: 20, every: 50 },
    finds: { burst: 10, every: 100 },
    atOnce: 16,
  },
};

/** A budget in use. */
export interface Purse {
  /** 0: taken. Else wall ms until one may be had. `leave`: how many have to stay for what matters more. */
  take(now: number, leave?: number): number;
}

export function openPurse({ burst, every }: Budget): Purse {
  let full = burst;
  let at = 0;
  return {
    take(now, leave = 0) {
      if (at === 0) at = now;
      const more = Math.max(0, Math.floor((now - at) / every));
      full = Math.min(burst, full + more);
      at = full === burst ? now : at + more * every;
      if (full > leave) {
        full -= 1;
        return 0;
      }
      return Math.max(1, (leave + 1 - full) * every - (now - at));
    },
  };
}
