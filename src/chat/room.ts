import type { Config } from '../config/schema.ts';
import type { Connections } from '../deliver/connections.ts';
import type { Messenger } from '../deliver/messenger.ts';
import type { Log } from '../ops.ts';
import type { Queries } from '../store/db.ts';
import type { Command, Place } from './command.ts';

/** What came from a platform, before it is a row of the inbox. */
export interface Incoming {
  /** The platform's own id of it: the same event delivered twice is one row. */
  eventId: string;
  /** A person's name, or `slack:U012AB3CD` for somebody nobody knows; see `actorOf`. */
  actor: string;
  place: Place;
  /** The line it stands for, as somebody would have typed it: buttons, forms and typed options become lines, too. */
  text: string;
  /** By what the asker alone can be answered, and until when (wall ms). Kept beside the row, never in the audit. */
  reply?: { by: unknown; until: number };
}

/** What a platform's room is given; main.ts puts it together. */
export interface ChatWorld {
  config(): Config;
  log: Log;
  /** Domain time. */
  now(): number;
  commands(): readonly Command[];
  /** Resolves when the line is committed: only then is it acknowledged. Refuses within 2 s with what the person is told instead. */
  take(line: Incoming): Promise<string>;
  /**
   * Who somebody is: a person's name, or `<platform>:<id>`. Whether they still are is looked at again when the line is handled,
   * by `place.user`; roles the platform itself says they have go into `place.groups`.
   */
  actorOf(platform: 'slack' | 'discord', user: string): string;
  zoneOf(actor: string): string;
  /** Whether answers in this channel are for everybody in it; elsewhere they are for the asker alone. */
  isPublic(platform: 'slack' | 'discord', channel: string): boolean;
  /** At most 25 values for a half-typed option, as they would be typed. */
  suggest(asked: { command: Command; option: string; typed: string; actor: string }): Promise<string[]>;
  /** For what a platform's own limits leave no room for. */
  db: Queries;
  connections: Connections;
  /** A connection that cannot be had back in this process: it is said everywhere, and the process ends for its supervisor. */
  giveUp(why: string): void;
}

/** A platform that is connected. */
export interface ChatRoom {
  messenger: Messenger;
  close(): Promise<void>;
}
