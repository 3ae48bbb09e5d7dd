import type { Log } from '../../ops.ts';
import { FIRST } from '../db.ts';

/** The one session of PGlite, held by one connection at a time: for one query, or from BEGIN to COMMIT. */
export interface Checkout {
  /** Resolves when it is this one's turn: first come, first served, but for what is to go first. */
  take(who: Holder): Promise<void>;
  release(who: Holder): void;
}

export interface Holder {
  /** What it holds the session for, for the log; what begins with FIRST goes before the others that wait. */
  doing: string;
  /** Called when it held the session for long without a word: roll back and let go. */
  evict(): void;
  /** Wall time of the last answer it got; 0 while Postgres works for it: then the wait is no fault of the holder's. */
  idleSince: number;
}

const SAY_AFTER = 10_000;
const EVICT_AFTER = 60_000;

export function makeCheckout(log: Log, after = { say: SAY_AFTER, evict: EVICT_AFTER }): Checkout {
  let holder: Holder | undefined;
  let since = 0;
  let said = false;
  let watch: NodeJS.Timeout | undefined;
  const queue: { who: Holder; go(): void }[] = [];

  const give = (who: Holder): void => {
    holder = who;
    since = Date.now();
    said = false;
    watch ??= setInterval(look, Math.max(10, after.say / 10)).unref();
  };
  // Nobody may wedge the whole store silently: a transaction that waits for something else is said, then rolled back.
  const look = (): void => {
    if (!holder?.idleSince) return;
    const held = Date.now() - since;
    if (held >= after.say && !said) {
      said = true;
      log.warn(
        { held, doing: holder.doing, waiting: queue.length, next: queue[0]?.who.doing },
        'a transaction holds the embedded database and everybody waits',
      );
    }
    if (Date.now() - holder.idleSince >= after.evict) {
      log.error({ held, doing: holder.doing, waiting: queue.length }, 'a transaction that held the embedded database too long is rolled back');
      holder.evict();
    }
  };
  return {
    take(who) {
      if (holder === who) return Promise.resolve();
      if (!holder) {
        give(who);
        return Promise.resolve();
      }
      const hurried = who.doing.startsWith(FIRST);
      const behind = hurried ? queue.findIndex((one) => !one.who.doing.startsWith(FIRST)) : -1;
      return new Promise((go) => queue.splice(behind < 0 ? queue.length : behind, 0, { who, go }));
    },
    release(who) {
      if (holder !== who) return;
      holder = undefined;
      const next = queue.shift();
      if (next) {
        give(next.who);
        next.go();
      } else {
        clearInterval(watch);
        watch = undefined;
      }
    },
  };
}
