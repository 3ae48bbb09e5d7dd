import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';
import type { Log } from '../ops.ts';
import { channelName, FIRST, type Store, type Tx } from './db.ts';
import { hearNotifications } from './listen.ts';

export interface Connections {
  engine: Store['engine'];
  /** For `pg.Pool` and `pg.Client`; called for every pool, with the schema its unqualified names mean. */
  config(schema: string): pg.PoolConfig;
  log: Log;
  /** Wall milliseconds between looks at an idle listening connection; absent where none can be lost unseen. */
  lookAt?: number;
  /** After the connections are closed. */
  closed(): Promise<void>;
}

/** Connections for what is to go first: opened when they are needed. */
const FIRSTS = 6;

/** The one implementation of `Store`: `pg` speaks to a server and to the embedded Postgres alike. */
export function openStore({ engine, config, log, lookAt, closed }: Connections): Store {
  const pools: pg.Pool[] = [];
  const makePool = (schema: string, max: number): pg.Pool => {
    const pool = new pg.Pool({ ...config(schema), max });
    pool.on('error', (error) => log.warn({ error: error.message }, 'an idle database connection was lost'));
    // The pool listens to idle ones and to queries of its own only. One that is checked out or thrown away and then loses its
    // connection would end the process for want of a hearer; whoever uses it learns it from their query.
    pool.on('connect', (client) => client.on('error', () => {}));
    pools.push(pool);
    return pool;
  };
  const pool = makePool('public', 10);
  const first = makePool('public', FIRSTS);
  const listener = hearNotifications(() => new pg.Client(config('public')), log, lookAt);
  const inTx = new AsyncLocalStorage<{ open: boolean }>();
  let closing: Promise<void> | undefined;

  const outsideTx = (what: string): void => {
    // On the one session of the embedded store this would wait for itself for ever.
    if (inTx.getStore()?.open) throw new Error(`${what} inside db.tx: use the transaction it was given`);
  };
  return {
    engine,
    async query<Row>(sql: string, params?: readonly unknown[]) {
      outsideTx('db.query');
      return rowsOf<Row>(await (sql.startsWith(FIRST) ? first : pool).query(sql, params as unknown[]));
    },
    async tx(work) {
      outsideTx('db.tx');
      const client = await pool.connect();
      const state = { open: true };
      let broken: Error | undefined;
      try {
        await client.query('BEGIN');
        const result = await inTx.run(state, () => work(txOver(client, state)));
        state.open = false;
        const ended = await client.query('COMMIT');
        if (ended.command === 'ROLLBACK') throw new Error('the transaction was rolled back: a statement in it had failed');
        return result;
      } catch (error) {
        state.open = false;
        await client.query('ROLLBACK').catch((failed: Error) => {
          broken = failed;
        });
        throw error;
      } finally {
        client.release(broken);
      }
    },
    listen: (channel, hear) => listener.listen(channelName(channel), hear),
    pool: (schema) => makePool(schema, 6),
    close() {
      closing ??= (async () => {
        await listener.close();
        await Promise.race([Promise.all(pools.map((one) => one.ending || one.end())), patience()]);
        await closed();
      })();
      return closing;
    },
  };
}

function txOver(client: pg.PoolClient, state: { open: boolean }): Tx {
  const query = async <Row>(sql: string, params?: readonly unknown[]): Promise<Row[]> => {
    if (!state.open) throw new Error('the transaction is over: a query came after its work had ended');
    return rowsOf<Row>(await client.query(sql, params as unknown[]));
  };
  return {
    query,
    async notify(channel, payload = '') {
      await query('SELECT pg_notify($1, $2)', [channelName(channel), payload]);
    },
  };
}

/** A text of several statements answers once for each; the last counts. */
function rowsOf<Row>(result: pg.QueryResult | pg.QueryResult[]): Row[] {
  return ((Array.isArray(result) ? result.at(-1) : result)?.rows ?? []) as Row[];
}

/** A connection somebody never gave back does not hold up the end. */
const patience = (): Promise<void> => new Promise((done) => setTimeout(done, 2000).unref());
