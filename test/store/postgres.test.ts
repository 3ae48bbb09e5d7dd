import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Refusal } from '../../src/lib/refusal.ts';
import type { Store } from '../../src/store/db.ts';
import { openDb } from '../../src/store/open.ts';
import { engines, freePort, type Running, temporary } from '../engines.ts';
import { kept, quiet } from './quiet.ts';

const migrations = temporary('none');

describe('a Postgres server that cannot be used', () => {
  test('is a refusal that says where, why and what to do, and never the password', async () => {
    const port = await freePort();
    const refused = await openDb({ databaseUrl: `postgres://ops:s3cret@127.0.0.1:${port}/fleet`, log: quiet, migrations }).catch((error: Error) => error);
    expect(refused).toBeInstanceOf(Refusal);
    expect((refused as Error).message).toBe(
      `The database 127.0.0.1:${port}/fleet as ops (DATABASE_URL) cannot be used: nothing listens there. Holdfast keeps everything there and does not start without it. ` +
        'Start it or correct DATABASE_URL; without DATABASE_URL Holdfast keeps its own embedded database.',
    );
    for (const url of ['nonsense s3cret', 'mysql://ops:s3cret@db/fleet', 'postgres://ops:s3cret@no.such.host.invalid/fleet']) {
      const other = await openDb({ databaseUrl: url, log: quiet, migrations }).catch((error: Error) => error);
      expect(other, url).toBeInstanceOf(Refusal);
      expect((other as Error).message).not.toContain('s3cret');
    }
  });
});

const postgres = engines().find(({ name }) => name === 'postgres');
const why = postgres?.available === true ? '' : ` — skipped: ${postgres?.available}`;
describe.skipIf(postgres?.available !== true)(`a Postgres server${why}`, () => {
  let running: Running;
  let db: Store;
  const log = kept();
  beforeAll(async () => {
    running = (await postgres?.start()) as Running;
    db = await openDb({ ...running, log, migrations });
  });
  afterAll(async () => {
    await db?.close();
    await running?.stop();
  });

  test('when the listening connection is lost it is made again, and every hearer is called once', async () => {
    const heard: string[] = [];
    let told = (): void => {};
    const next = (): Promise<void> => new Promise((resolve) => (told = resolve));
    await db.listen('inbox', (payload) => {
      heard.push(payload);
      told();
    });
    const back = next();
    await db.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database() AND pid <> pg_backend_pid()`,
    );
    await back;
    expect(heard).toEqual(['']);
    const after = next();
    await db.tx((tx) => tx.notify('inbox', 'after'));
    await after;
    expect(heard).toEqual(['', 'after']);
    expect(log.said.map(({ message }) => message)).toContain('the listening database connection was lost; it is made again');
  });

  test('a transaction whose connection is lost fails, and the next one works', async () => {
    const lost = db.tx(async (tx) => {
      const [me] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      const { Client } = (await import('pg')).default;
      const admin = new Client(running.databaseUrl);
      await admin.connect();
      await admin.query('SELECT pg_terminate_backend($1)', [me?.pid]);
      await admin.end();
      await tx.query('SELECT 1');
    });
    await expect(lost).rejects.toThrow();
    expect(await db.tx((tx) => tx.query('SELECT 1 AS fine'))).toEqual([{ fine: 1 }]);
  });
});
