import type { Db } from '../store/db.ts';
import type { Looked } from './lanes.ts';
import type { openPurse, Pace, Purse } from './pace.ts';
import type { Asked } from './post-once.ts';
import type { Renderer } from './shown.ts';

/** What the one sender of a platform stands on. */
export interface Sending extends Asked {
  db: Db;
  renderers: Record<string, Renderer>;
  pace: Pace;
  purses: Record<'posts' | 'edits' | 'finds', ReturnType<typeof openPurse>>;
  /** Channels in which a card may have to be pinned, or to get a channel of its own. */
  extras: Set<string>;
  /** Cards for which a channel could not be made: when (wall) the next try may be. */
  openings: Map<string, number>;
  /** By which this process is the one that sends. */
  lease: string;
  holder: string;
  /** Something else waits now. */
  wake(): void;
}

/** That this process is still the one that sends: one that stood still and was taken over from writes nothing and asks nobody. */
export const standsForUs = (parameter: number): string =>
  `exists (select 1 from leases where name = $${parameter} and holder = $${parameter + 1} and held_until > now())`;

/** 0: may be sent. Else in how many wall ms. */
export const pay = (purse: Purse, leave = 0): number => purse.take(Date.now(), leave);

/** Somebody else sends, or did a moment ago: until that is certain what waits is not forgotten, and nobody is asked. */
export const NOT_OURS: Looked = { look: 1_000 };
