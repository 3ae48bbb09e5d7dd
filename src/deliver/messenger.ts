import type { Shown } from './shown.ts';

/** Where a message goes on a chat platform. */
export type Destination =
  | {
      channel: string;
      thread?: string /** The thread hangs under this message of ours and is begun with the first that goes there, under this name. */;
      begins?: string;
    }
  /** Alone, by the platform's own id of the person. */
  | { person: string }
  /** For the asker alone, by what came with what they typed (a response URL, an interaction token): short-lived, never for a thing that lasts. */
  | { reply: unknown };

export interface Outgoing {
  /** Names this message for good, at most 25 characters (Discord's nonce): whether it is there already is asked by it. */
  marker: string;
  shown: Partial<Shown>;
  /** Whom it is meant to ping, by the platform's own ids. Unsaid, nobody is: no text from outside ever does. */
  mentions?: readonly string[];
}

/** A channel that is to be made for one thing. */
export interface Beside {
  /** Small letters, digits and dashes, at most 80 (Slack). */
  name: string;
  topic: string;
  /** Names it for good: whether it is there already is asked by it. */
  mark: string;
  /** The platform's own ids of people. */
  invite: readonly string[];
}

/**
 * What came of one call. `no`: this destination will not have it (`channel_not_found`, 403, 404, a closed direct message).
 * `later`: not taken, and nothing was written. `unsure`: it may have been taken (a connection that broke, a time-out, a 5xx).
 */
export type Sent =
  | {
      sent: true;
      id: string /** Where it really stands, when that was not known before (a direct message). */;
      channel?: string /** Where a person opens it, of a channel that was made. */;
      url?: string;
    }
  | {
      sent: false;
      why: 'no';
      says: string /** The place itself is gone, or shut to us: nothing else would fare better there. Unsaid, it may be this message. */;
      gone?: true;
    }
  | { sent: false; why: 'later'; says: string /** Wall ms from now. */; after: number /** What has to wait. */; scope: 'channel' | 'workspace' }
  | { sent: false; why: 'unsure'; says: string };

/**
 * A chat platform as the one sender sees it (src/deliver/sender.ts). Each call is one try with a time-out and without any retry
 * of the SDK's own: a dropped connection must not post twice. Never throws for what the platform says.
 */
export interface Messenger {
  readonly platform: 'slack' | 'discord';
  post(to: Destination, message: Outgoing): Promise<Sent>;
  /** Replaces a message of ours. `no` where it is gone: the sender posts another. */
  edit(to: Destination, id: string, message: Outgoing): Promise<Sent>;
  /** Pins a message of ours in its channel, or takes that back; as it is already is as well as done. */
  pin(to: Destination, id: string, on: boolean): Promise<Sent>;
  /** Makes a channel beside one of ours, for whoever reads that one; the same mark is the same channel. Answers its id. */
  open(beside: string, wanted: Beside): Promise<Sent>;
  /** The id of the message with this marker, `undefined` when it is certainly not there, `unsure` when nobody can tell. */
  find(to: Destination, marker: string): Promise<string | undefined | 'unsure'>;
}
