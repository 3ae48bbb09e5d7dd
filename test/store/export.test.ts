import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { Refusal } from '../../src/lib/refusal.ts';
import type { Store } from '../../src/store/db.ts';
import { exportTo, importFrom } from '../../src/store/export.ts';
import { openDb } from '../../src/store/open.ts';
import { startUpkeep } from '../../src/store/upkeep.ts';
import { engines, type Running, temporary } from '../engines.ts';
import { quiet } from './quiet.ts';

const migrations = temporary('migrations');
writeFileSync(
  join(migrations, '001-all-kinds.sql'),
  `create table parent (id bigint generated always as identity primary key, name text not null);
   -- Its name sorts before its parent's, and it points at itself too.
   create table child (
     id serial primary key, parent_id bigint references parent (id), elder_id int references child (id),
     big int8, data jsonb, at timestamptz, day date, words text[], bytes bytea, money numeric(12, 2), ratio float8, yes boolean,
     loud text generated always as (upper(data ->> 'name')) stored
   );
   create function never() returns trigger language plpgsql as $$ begin raise exception 'no changes'; end $$;
   create trigger guarded before insert or update on parent for each row when (new.name = 'guarded') execute function never();`,
);

const postgres = engines().find(({ name }) => name === 'postgres');
const closing: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

async function open(running: Partial<Running> | { memory: true }, folder = migrations): Promise<Store> {
  const db = await openDb({ ...running, log: quiet, migrations: folder });
  closing.push(() => db.close());
  return db;
}

async function filled(rows = 1200): Promise<Store> {
  const db = await open({ memory: true });
  await db.tx(async (tx) => {
    await tx.query(`INSERT INTO parent (name) SELECT 'parent ' || n FROM generate_series(1, ${rows}) AS n`);
    await tx.query(
      `INSERT INTO child (parent_id, big, data, at, day, words, bytes, money, ratio, yes) VALUES (2, $1, $2, $3, '2026-02-28', $4, $5, 1.10, 0.1, true)`,
      [
        '9223372036854775807',
        { name: 'line\u2028 "end"\n', deep: [1.5, null] },
        new Date('2026-11-20T09:00:00.123Z'),
        ['a,b', '{c}', '"', null, ''],
        Buffer.from([0, 10, 255]),
      ],
    );
    await tx.query('INSERT INTO child (parent_id, elder_id) VALUES (1, 1)');
    await tx.query('UPDATE child SET elder_id = 2 WHERE id = 1');
    await tx.query('DELETE FROM parent WHERE id = 3');
  });
  return db;
}

const everything = async (db: Store): Promise<unknown> => [
  await db.query('SELECT * FROM parent ORDER BY id'),
  await db.query('SELECT *, xmin IS NULL AS gone FROM child ORDER BY id'),
  await db.query(`SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1`),
];

describe('export and import', () => {
  const why = postgres?.available === true ? '' : ` — skipped: ${postgres?.available}`;
  test.skipIf(postgres?.available !== true)(`everything comes back the same, embedded → Postgres → embedded${why}`, async () => {
    const first = await filled();
    const running = (await postgres?.start()) as Running;
    closing.push(() => running.stop());
    const server = await open(running);
    const last = await open({ memory: true });
    const folder = temporary('exports');

    expect(await exportTo(first, join(folder, 'a.gz'))).toEqual({ tables: 2, rows: 1201 });
    expect(await importFrom(server, join(folder, 'a.gz'))).toEqual({ tables: 2, rows: 1201, said: [] });
    await exportTo(server, join(folder, 'b.gz'));
    await importFrom(last, join(folder, 'b.gz'));
    expect(await everything(server)).toEqual(await everything(first));
    expect(await everything(last)).toEqual(await everything(first));
    // Life goes on behind the last number, and the checks are back.
    expect(await last.query(`INSERT INTO parent (name) VALUES ('next') RETURNING id`)).toEqual([{ id: '1201' }]);
    await expect(last.query('INSERT INTO child (parent_id) VALUES (999999)')).rejects.toMatchObject({ code: '23503' });
    await expect(last.query(`INSERT INTO parent (name) VALUES ('guarded')`)).rejects.toThrow('no changes');
  });

  test('an import into a database that holds something is refused and changes nothing', async () => {
    const db = await filled(3);
    const file = join(temporary('exports'), 'a.gz');
    await exportTo(db, file);
    const before = await everything(db);
    await expect(importFrom(db, file)).rejects.toThrow('The database is not empty (child, parent hold rows)');
    expect(await everything(db)).toEqual(before);
  });

  test('what a version has no place for is named, not dropped; left out only when told to', async () => {
    const db = await filled(3);
    const file = join(temporary('exports'), 'a.gz');
    await exportTo(db, file);
    const older = temporary('older');
    writeFileSync(join(older, '001-less.sql'), 'create table parent (id bigint primary key);');
    const target = await open({ memory: true }, older);
    const refused = await importFrom(target, file).catch((error: Error) => error);
    expect(refused).toBeInstanceOf(Refusal);
    expect((refused as Error).message).toContain('the table child');
    expect(await target.query('SELECT id FROM parent')).toEqual([]);
    expect(await importFrom(target, file, { leaveOut: true })).toEqual({
      tables: 1,
      rows: 2,
      said: ['left out: the table child', 'left out: the column parent.name', 'left out: the sequence child_id_seq', 'left out: the sequence parent_id_seq'],
    });
    expect(await target.query('SELECT id FROM parent ORDER BY id')).toEqual([{ id: '1' }, { id: '2' }]);
  });

  test('a file that is cut short, damaged, absent or something else is refused whole', async () => {
    const db = await filled(3);
    const folder = temporary('exports');
    await exportTo(db, join(folder, 'good.gz'));
    const good = readFileSync(join(folder, 'good.gz'));
    const lines = gunzipSync(good).toString().split('\n');
    writeFileSync(join(folder, 'short.gz'), good.subarray(0, good.length - 20));
    writeFileSync(join(folder, 'no-end.gz'), gzipSync(`${lines.slice(0, -3).join('\n')}\n`));
    writeFileSync(join(folder, 'row-lost.gz'), gzipSync(lines.filter((line) => !line.includes('parent 2')).join('\n')));
    writeFileSync(join(folder, 'other.gz'), gzipSync('{"hello":1}\n'));
    writeFileSync(join(folder, 'text.gz'), 'hello');
    const target = await open({ memory: true });
    for (const name of ['short', 'no-end', 'row-lost', 'other', 'text', 'absent']) {
      await expect(importFrom(target, join(folder, `${name}.gz`)), name).rejects.toBeInstanceOf(Refusal);
    }
    expect((await importFrom(target, join(folder, 'good.gz'))).rows).toBe(4);
  });

  test('once a day an export is written, seven are kept, and the newest can be restored', async () => {
    const db = await filled(3);
    const dataDir = temporary('upkeep');
    let day = Date.parse('2026-11-01T23:59:00Z');
    const upkeep = startUpkeep({ db, dataDir, log: quiet, now: () => day });
    for (let n = 0; n < 9; n += 1) {
      await upkeep.exportToday();
      await upkeep.exportToday();
      day += 24 * 3600_000;
    }
    await upkeep.close();
    const { readdirSync } = await import('node:fs');
    const names = readdirSync(join(dataDir, 'exports')).sort();
    expect(names).toEqual(['03', '04', '05', '06', '07', '08', '09'].map((d) => `holdfast-2026-11-${d}.jsonl.gz`));
    const restored = await open({ memory: true });
    await importFrom(restored, join(dataDir, 'exports', names.at(-1) as string));
    expect(await everything(restored)).toEqual(await everything(db));
  });

  test('upkeep takes dead rows away and lets the WAL go', async () => {
    const dataDir = temporary('wal');
    const db = await open({ dataDir });
    const { readdirSync } = await import('node:fs');
    const wal = (): number => readdirSync(join(dataDir, 'pgdata', 'pg_wal')).filter((name) => /^[0-9A-F]{24}$/.test(name)).length;
    const upkeep = startUpkeep({ db, dataDir, log: quiet });
    await db.query(`INSERT INTO parent (name) SELECT repeat('x', 500) FROM generate_series(1, 5000)`);
    const most: number[] = [];
    for (let n = 0; n < 12; n += 1) {
      await db.query(`UPDATE parent SET name = repeat('${n}', 500)`);
      await upkeep.tend();
      most.push(wal());
    }
    await upkeep.close();
    const [size] = await db.query<{ mb: number }>(`SELECT (pg_total_relation_size('parent') / 1e6)::float8 AS mb`);
    // 12 rounds of 3 MB of new rows and as much WAL again, and it stays at a few of both.
    expect(size?.mb).toBeLessThan(15);
    expect(Math.max(...most)).toBeLessThanOrEqual(16);
  });
});
