import type { Pool } from 'pg';

/**
 * The database as every room sees it: Postgres' dialect on both engines (PGlite in a worker thread, a Postgres server).
 * int8 comes as string, timestamptz as Date, jsonb parsed. Parameters are `$1 …`; values never stand in the text.
 */
export interface Queries {
  query<Row = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<Row[]>;
}

/**
 * Begins the text of a statement for which somebody waits to be acknowledged: it has connections of its own, and on the one session of the
 * embedded store it goes before what else waits. For single statements of which few are under way at once.
 */
export const FIRST = '/* first */';

/** One transaction. `notify` reaches listeners of every process after the commit, and nobody when it rolls back. */
export interface Tx extends Queries {
  notify(channel: Channel, payload?: string): Promise<void>;
}

/** What processes wake each other with. The payload is a hint; the rows are the truth. */
export type Channel = 'inbox' | 'outbox' | 'timers' | 'shown' | 'clock' | 'stop' | 'attempts' | 'links' | 'status';

/** What it is called in a database that may serve other programs too. */
export const channelName = (channel: Channel): string => `holdfast_${channel}`;

export interface Db extends Queries {
  readonly engine: 'embedded' | 'postgres';
  tx<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>;
  /** Calls `hear` for every notification, and once after a lost connection was made again. Returns how to stop. */
  listen(channel: Channel, hear: (payload: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** What openDb gives: the database, and a door for a library that brings its own tables and speaks `pg`. */
export interface Store extends Db {
  /** A pool whose unqualified names mean `schema`. On the embedded store it shares the one session, by turns. Closed with the store. */
  pool(schema: string): Pool;
}
