import type pg from 'pg';
import { Refusal } from '../lib/refusal.ts';
import type { Log } from '../ops.ts';
import type { Store } from './db.ts';
import { openStore } from './pool.ts';

const CONNECT = 5_000;
const STATEMENT = 30_000;
/**
 * Wall ms. A process that stands still between two statements holds its locks, the fleet's among them: nobody could approve, stop a
 * run or give a page its time. Nothing in a transaction waits for anything but the database.
 */
const IDLE_IN_TRANSACTION = 5_000;
const LOOK = 30_000;

/** A Postgres server. Refuses, without the password, when it cannot be reached or used now. */
export async function openPostgres({ databaseUrl, log }: { databaseUrl: string; log: Log }): Promise<Store> {
  const where = sayWhere(databaseUrl);
  const config = (schema: string): pg.PoolConfig => ({
    connectionString: databaseUrl,
    application_name: 'holdfast',
    connectionTimeoutMillis: CONNECT,
    statement_timeout: STATEMENT,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    // Every statement here is short: compiling one (JIT) takes longer than running it.
    options: `-c search_path=${schema} -c jit=off`,
  });
  const store = openStore({ engine: 'postgres', config, log, lookAt: LOOK, closed: async () => {} });
  try {
    await store.query('SELECT 1');
  } catch (error) {
    await store.close();
    throw new Refusal(
      `The database ${where} (DATABASE_URL) cannot be used: ${sayWhy(error)}. ` +
        'Holdfast keeps everything there and does not start without it. Start it or correct DATABASE_URL; ' +
        'without DATABASE_URL Holdfast keeps its own embedded database.',
    );
  }
  return store;
}

/** `db.example:5432/holdfast as ops`; never the password, also when the rest makes no sense. */
function sayWhere(databaseUrl: string): string {
  let url: URL;
  // A password with one of these reads as port and path, which are said.
  if (/^\w+:\/\/[^/?#@]*[/#][^?]*@/.test(databaseUrl))
    throw new Refusal('DATABASE_URL has a "/" or "#" before its "@": in a password they are written %2F and %23.');
  try {
    url = new URL(databaseUrl);
  } catch {
    throw new Refusal('DATABASE_URL is no URL. It looks like postgres://user:password@host:5432/database.');
  }
  if (!/^postgres(ql)?:$/.test(url.protocol)) {
    throw new Refusal(`DATABASE_URL begins with ${url.protocol}//, and only postgres:// is supported.`);
  }
  const host = url.hostname || url.searchParams.get('host') || 'localhost';
  return `${host}:${url.port || 5432}${decodeURIComponent(url.pathname)}${url.username ? ` as ${decodeURIComponent(url.username)}` : ''}`;
}

function sayWhy(error: unknown): string {
  // Several addresses tried in vain come as one error without a message of its own.
  const first = error instanceof AggregateError ? (error.errors[0] as Error) : (error as Error);
  const code = (first as { code?: string }).code;
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its name cannot be resolved';
  return first.message || code || 'it does not answer';
}
