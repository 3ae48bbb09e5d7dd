import type { Card } from '../chat/card.ts';
import type { Person } from '../people.ts';

/** The ways a person can be reached when somebody has to answer. `dm` stands for them in the sandbox and at terminals. */
export const CHANNELS = ['slack', 'discord', 'ntfy', 'email', 'sms', 'voice', 'webhook', 'dm'] as const;
export type ChannelName = (typeof CHANNELS)[number];

/** What one attempt carries to one person. */
export interface PageMessage {
  /** Names this attempt for good: a provider that can refuse a second one is given it. `PG1-3` */
  key: string;
  page: string;
  urgency: 'low' | 'high' | 'critical';
  /** One line: an SMS, a push, what a voice says. */
  text: string;
  /** The whole of it, for channels that show cards: the brief. */
  card: Card;
  /** Where it can be answered with one tap, where links can be made (opens a page; only its button changes anything). */
  link?: string;
  /** What stands for this attempt in addresses others call, where links can be made. */
  token?: string;
}

/** What the provider said; `sent` only when it said yes. `no`: the next channel at once. `later`: back-off and again. */
export type Delivery =
  | { sent: true; id: string }
  | { sent: false; why: 'no'; says: string }
  | { sent: false; why: 'later'; says: string /** Wall ms, where the provider named them. */; after?: number }
  | { sent: false; why: 'unsure'; says: string };

/** One way to people. One file per channel in src/deliver/channels/. Never throws for what a provider says; every call has a time-out. */
export interface Channel {
  readonly name: ChannelName;
  /** Wall ms one call has; it is given up a moment later whatever hangs. */
  readonly timeout: number;
  /** Calls under way at once in one process, where the provider bears fewer than most. */
  readonly atOnce?: number;
  /** Who carries it for this person, where people have providers of their own. */
  provider?(person: Person): string;
  /** Whether this person can be reached by it at all. */
  reaches(person: Person): boolean;
  send(person: Person, message: PageMessage): Promise<Delivery>;
  /**
   * After a crash or a broken connection: the provider's id of what it took for this key, `undefined` when it certainly took nothing,
   * `unsure` when nobody can tell. A channel without it is one where a second message does no harm: it is sent again.
   */
  find?(person: Person, message: PageMessage): Promise<string | undefined | 'unsure'>;
}
