import type { Queries, Tx } from '../store/db.ts';
import type { ChannelName, Delivery, PageMessage } from './channel.ts';

/** One try at one person by one channel, as whoever sends it has it in hand. */
export interface Attempt {
  id: string;
  page: string;
  /** Counted within its page; `PG1-3` is its key. */
  n: number;
  round: number;
  step: number;
  person: string;
  channel: ChannelName;
  /** Domain time. */
  due: Date;
  /** To somebody who was paged before: no attempt in what is shown. */
  notice: boolean;
  /** With this one. */
  tries: number;
}

/** What the room of pages answers about an attempt, and is told of it. */
export interface Paging {
  /** What the attempt carries, as its page is now; without `link`, which is made here. `undefined` when nobody has to be told any more: it is called off. */
  say(db: Queries, attempt: Attempt): Promise<PageMessage | undefined>;
  /**
   * In the one transaction that writes the result, after every try. Whatever is no `sent` means the next channel at once. After `no`
   * and `unsure` the attempt is over; after `later`, and after `unsure` where it can be looked up, it is tried again by itself, until the page rests.
   */
  heard(tx: Tx, attempt: Attempt, delivery: Delivery): Promise<void>;
}
