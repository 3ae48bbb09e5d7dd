import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '../../src/store/db.ts';
import { openDb } from '../../src/store/open.ts';
import { engines, type Running, temporary } from '../engines.ts';
import { quiet } from './quiet.ts';

const migrations = temporary('migrations');
writeFileSync(
  join(migrations, '001-things.sql'),
  `create table thing (id bigint generated always as identity primary key, name text, big int8, data jsonb, at timestamptz);
   create table part (thing_id bigint references thing (id), name text);`,
);

for (const engine of engines().filter(({ name }) => name !== 'postgres and redis')) {
  const why = engine.available === true ? '' : ` — skipped: ${engine.available}`;
  describe.skipIf(engine.available !== true)(`the store on ${engine.name}${why}`, () => {
    let running: Running;
    let db: Store;
    beforeAll(async () => {
      running = await engine.start();
      db = await openDb({ ...running, log: quiet, migrations });
    });
    afterAll(async () => {
      await db?.close();
      await running?.stop();
    });

    test('gives the same types on every engine: int8 as text, times as Date, jsonb parsed, arrays and bytes as they went in', async () => {
      const [row] = await db.query(
        `SELECT $1::int8 AS big, 7::int4 AS small, $2::timestamptz AS at, $3::jsonb AS data, $4::text[] AS words, $5::bytea AS bytes,
                true AS yes, null AS nothing, 1.50::numeric AS money, array[1, 2]::int8[] AS bigs, '2026-11-20 10:00+01'::timestamptz AS zoned`,
        ['9223372036854775807', new Date('2026-11-20T09:00:00.123Z'), { a: [1, { b: 'ä' }] }, ['x', 'y"\\', null], Buffer.from([0, 255])],
      );
      expect(row).toEqual({
        big: '9223372036854775807',
        small: 7,
        at: new Date('2026-11-20T09:00:00.123Z'),
        data: { a: [1, { b: 'ä' }] },
        words: ['x', 'y"\\', null],
        bytes: Buffer.from([0, 255]),
        yes: true,
        nothing: null,
        money: '1.50',
        bigs: ['1', '2'],
        zoned: new Date('2026-11-20T09:00:00Z'),
      });
    });

    test('a transaction is all or nothing, and its error reaches the caller', async () => {
      const failed = db.tx(async (tx) => {
        await tx.query(`INSERT INTO thing (name) VALUES ('never')`);
        throw new Error('changed my mind');
      });
      await expect(failed).rejects.toThrow('changed my mind');
      expect(await db.query(`SELECT * FROM thing WHERE name = 'never'`)).toEqual([]);
    });

    test('a transaction that went on after a failed statement is not reported as committed', async () => {
      const half = db.tx(async (tx) => {
        await tx.query(`INSERT INTO thing (name) VALUES ('half')`);
        await tx.query('SELECT 1 / 0').catch(() => {});
        return 'fine';
      });
      await expect(half).rejects.toThrow('rolled back');
      expect(await db.query(`SELECT * FROM thing WHERE name = 'half'`)).toEqual([]);
    });

    test('what belongs to the error of a statement is kept: its code, for unique and foreign keys', async () => {
      await expect(db.query('INSERT INTO part (thing_id) VALUES (999999)')).rejects.toMatchObject({ code: '23503' });
    });

    test('a query beside an open transaction of its own is an error at once, not a wait for itself', async () => {
      await expect(db.tx(() => db.query('SELECT 1'))).rejects.toThrow('db.query inside db.tx');
      await expect(db.tx(() => db.tx(async () => 1))).rejects.toThrow('db.tx inside db.tx');
    });

    test('a query of a transaction that is over is an error, and touches nothing', async () => {
      const kept = await db.tx(async (tx) => tx);
      await expect(kept.query(`INSERT INTO thing (name) VALUES ('late')`)).rejects.toThrow('the transaction is over');
    });

    test('notifications come after the commit, and never from what was rolled back', async () => {
      const heard: string[] = [];
      const both = new Promise<void>((resolve) => {
        const hear = (payload: string): void => {
          heard.push(payload);
          if (heard.length === 2) resolve();
        };
        void db.listen('timers', hear).then(async () => {
          await db.tx(async (tx) => {
            await tx.notify('timers', 'first');
            expect(heard).toEqual([]);
          });
          await db
            .tx(async (tx) => {
              await tx.notify('timers', 'taken back');
              throw new Error('no');
            })
            .catch(() => {});
          await db.tx((tx) => tx.notify('timers', 'second'));
        });
      });
      await both;
      expect(heard).toEqual(['first', 'second']);
    });

    test('one hearer less is not one channel less', async () => {
      const heard: string[] = [];
      const stop = await db.listen('outbox', () => heard.push('one'));
      let told = (): void => {};
      await db.listen('outbox', () => told());
      await stop();
      await new Promise<void>((resolve) => {
        told = resolve;
        void db.tx((tx) => tx.notify('outbox'));
      });
      expect(heard).toEqual([]);
    });

    test('500 queries and 500 transactions at once all end', async () => {
      const before = Number((await db.query<{ n: string }>('SELECT count(*) AS n FROM thing'))[0]?.n);
      const all = Array.from({ length: 1000 }, (_, i) =>
        i % 2
          ? db.query('SELECT $1::int AS n', [i])
          : db.tx(async (tx) => {
              await tx.query('INSERT INTO thing (name, big) VALUES ($1, $2)', ['many', i]);
              return tx.query('SELECT $1::int AS n', [i]);
            }),
      );
      const answers = await Promise.all(all);
      expect(answers.map(([row]) => (row as { n: number }).n)).toEqual(answers.map((_, i) => i));
      expect(Number((await db.query<{ n: string }>('SELECT count(*) AS n FROM thing'))[0]?.n)).toBe(before + 500);
    });

    test('what a library does in a schema of its own stays out of ours, also when names are equal', async () => {
      await db.query('CREATE SCHEMA other; CREATE TABLE other.thing (name text)');
      const pool = db.pool('other');
      const theirs = Array.from({ length: 20 }, (_, i) => pool.query('INSERT INTO thing (name) VALUES ($1)', [`theirs ${i}`]));
      const ours = Array.from({ length: 20 }, (_, i) => db.tx((tx) => tx.query('INSERT INTO thing (name) VALUES ($1)', [`ours ${i}`])));
      await Promise.all([...theirs, ...ours]);
      expect((await pool.query(`SELECT 1 FROM thing WHERE name LIKE 'ours%'`)).rows).toEqual([]);
      expect(await db.query(`SELECT 1 FROM thing WHERE name LIKE 'theirs%'`)).toEqual([]);
      expect(await db.query(`SELECT 1 FROM thing WHERE name LIKE 'ours%'`)).toHaveLength(20);
    });

    test('a raw BEGIN of such a library keeps everybody else out until it ends', async () => {
      const client = await db.pool('other').connect();
      await client.query('BEGIN');
      await client.query(`INSERT INTO thing (name) VALUES ('raw')`);
      const order: string[] = [];
      const outside = db.query('SELECT 1').then(() => order.push('outside'));
      await client.query('SELECT 1').then(() => order.push('inside'));
      await client.query('ROLLBACK').then(() => order.push('rolled back'));
      client.release();
      await outside;
      expect(await db.query(`SELECT * FROM other.thing WHERE name = 'raw'`)).toEqual([]);
      // A server lets the outside go on beside it; one session cannot.
      if (engine.name === 'embedded') expect(order.indexOf('outside')).toBeGreaterThan(order.indexOf('inside'));
    });
  });

  describe.skipIf(engine.available !== true)(`migrations on ${engine.name}${why}`, () => {
    test('each file runs once, in order, whole or not at all; several processes that start together do it once', async () => {
      const running = await engine.start();
      const folder = join(temporary('migrations'), 'm');
      mkdirSync(folder);
      writeFileSync(join(folder, '001-first.sql'), 'create table ran (n int); insert into ran values (1);');
      writeFileSync(join(folder, '002-second.sql'), 'insert into ran values (2);');
      writeFileSync(join(folder, 'notes.txt'), 'not sql');
      const open = (): Promise<Store> => openDb({ ...running, log: quiet, migrations: folder });
      const together = engine.name === 'embedded' ? [await open()] : await Promise.all([open(), open(), open()]);
      expect(await together[0]?.query('SELECT n FROM ran ORDER BY n')).toEqual([{ n: 1 }, { n: 2 }]);
      await Promise.all(together.map((db) => db.close()));

      writeFileSync(join(folder, '003-broken.sql'), 'insert into ran values (3); select nonsense;');
      await expect(open()).rejects.toThrow('migration 003-broken failed');
      writeFileSync(join(folder, '003-broken.sql'), 'insert into ran values (30);');
      const db = await open();
      expect(await db.query('SELECT n FROM ran ORDER BY n')).toEqual([{ n: 1 }, { n: 2 }, { n: 30 }]);
      await db.close();
      await running.stop();
    });
  });
}
