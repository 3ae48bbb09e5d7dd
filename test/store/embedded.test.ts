import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Refusal } from '../../src/lib/refusal.ts';
import { POSTGRES_MAJOR } from '../../src/store/embedded/open.ts';
import { bootPglite } from '../../src/store/embedded/pglite.ts';
import { loadTemplate, unpack } from '../../src/store/embedded/template.ts';
import { type LockHolder, lockDirectory } from '../../src/store/lock.ts';
import { openDb } from '../../src/store/open.ts';
import { temporary } from '../engines.ts';
import { kept, quiet } from './quiet.ts';

const migrations = temporary('migrations');
writeFileSync(join(migrations, '001-told.sql'), 'create table told (n int primary key)');

describe('one process on an embedded store', () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  const hold = (dataDir: string): { lines(count: number): Promise<string[]>; kill9(): Promise<string[]> } => {
    const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'holder.ts'), dataDir, migrations], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    let text = '';
    let look = (): void => {};
    child.stdout.on('data', (chunk) => {
      text += chunk;
      look();
    });
    const all = (): string[] => text.split('\n').slice(0, -1);
    return {
      lines: (count) =>
        new Promise((resolve) => {
          look = () => all().length >= count && resolve(all());
          look();
        }),
      kill9: () =>
        new Promise((resolve) => {
          child.stdout.once('close', () => resolve(all()));
          child.kill('SIGKILL');
        }),
    };
  };

  test('a second process is refused and told what to do; after kill -9 of the first the next one finds every committed row', async () => {
    const dataDir = temporary('held');
    const first = hold(dataDir);
    await first.lines(50);

    const refused = await openDb({ dataDir, log: quiet, migrations }).then(
      () => undefined,
      (error: Error) => error,
    );
    expect(refused).toBeInstanceOf(Refusal);
    expect(refused?.message).toContain(`The data directory ${dataDir} is in use by process`);
    expect(refused?.message).toContain('npx holdfast stop');
    const [second] = await hold(dataDir).lines(1);
    expect(second).toContain('Refusal: The data directory');

    const told = (await first.kill9()).map(Number);
    const db = await openDb({ dataDir, log: quiet, migrations });
    const rows = (await db.query<{ n: number }>('SELECT n FROM told ORDER BY n')).map(({ n }) => n);
    expect(rows.slice(0, told.length)).toEqual(told);
    expect(rows.length - told.length).toBeLessThanOrEqual(1);
    await db.close();
    expect(existsSync(join(dataDir, 'lock'))).toBe(false);
    // Three starts, each compiled anew.
  }, 90_000);

  test('the same process cannot open it twice either', async () => {
    const dataDir = temporary('twice');
    const unlock = await lockDirectory(dataDir);
    await expect(lockDirectory(dataDir)).rejects.toThrow('is in use by process');
    unlock();
    (await lockDirectory(dataDir))();
  });

  test('of ten that find a dead lock at once, one gets it', async () => {
    const dataDir = temporary('race');
    const dead = await lockOf(dataDir, { boot: 'the boot before' });
    writeFileSync(join(dataDir, 'lock'), JSON.stringify(dead));
    const got = await Promise.allSettled(Array.from({ length: 10 }, () => lockDirectory(dataDir)));
    expect(got.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('a lock from before a reboot, or whose pid now belongs to another process, is dead; one that cannot be read is left alone', async () => {
    for (const stale of [{ boot: 'the boot before' }, { started: '1' }, { pid: 2 ** 22 - 1 }]) {
      const dataDir = temporary('stale');
      writeFileSync(join(dataDir, 'lock'), JSON.stringify(await lockOf(dataDir, stale)));
      (await lockDirectory(dataDir))();
    }
    const dataDir = temporary('unreadable');
    writeFileSync(join(dataDir, 'lock'), '');
    await expect(lockDirectory(dataDir)).rejects.toThrow('delete');
  });

  test('a process of another container is judged by its sign of life, not by its pid', async () => {
    const dataDir = temporary('container');
    const theirs = await lockOf(dataDir, { namespace: 'pid:[1]', pid: 1 });
    writeFileSync(join(dataDir, 'lock'), JSON.stringify(theirs));
    const alive = createServer();
    await new Promise<void>((done) => alive.listen(join(dataDir, 'lock.sock'), done));
    await expect(lockDirectory(dataDir)).rejects.toThrow('is in use');
    // A socket nobody listens on any more, as kill -9 leaves it.
    renameSync(join(dataDir, 'lock.sock'), join(dataDir, 'left'));
    await new Promise((done) => alive.close(done));
    renameSync(join(dataDir, 'left'), join(dataDir, 'lock.sock'));
    (await lockDirectory(dataDir))();
  });
});

describe('the embedded Postgres', () => {
  test('does not start when a commit is not put on the disk', async () => {
    const { NodeFS } = await import('@electric-sql/pglite/nodefs');
    vi.resetModules();
    vi.doMock('../../src/store/embedded/durable.ts', () => ({
      DurableFiles: class extends NodeFS {
        walSyncs = 0;
      },
    }));
    const { bootPglite: bootAsShipped } = await import('../../src/store/embedded/pglite.ts');
    const dir = join(temporary('shipped'), 'pgdata');
    unpack(await loadTemplate(), dir);
    await expect(bootAsShipped({ dir })).rejects.toThrow('WAL syncs seen: 0');
    vi.doUnmock('../../src/store/embedded/durable.ts');
    const backend = await bootPglite({ dir });
    await backend.close();
  });

  test('is started again after it died, with everything committed and nothing of an open transaction', async () => {
    const dataDir = temporary('died');
    const log = kept();
    const db = await openDb({ dataDir, log, migrations });
    await db.query('INSERT INTO told VALUES (1)');
    const heard: string[] = [];
    let again = (): void => {};
    const reconnected = new Promise<void>((resolve) => {
      again = resolve;
    });
    await db.listen('stop', (payload) => {
      heard.push(payload);
      again();
    });

    const global = join(dataDir, 'pgdata', 'global');
    const open = db.tx(async (tx) => {
      await tx.query('INSERT INTO told VALUES (2)');
      // Postgres cannot write its control file: it panics, as it does when a disk fails.
      renameSync(global, `${global}.away`);
      await tx.query('COMMIT; CHECKPOINT').catch(() => {});
      renameSync(`${global}.away`, global);
      await tx.query('INSERT INTO told VALUES (3)');
    });
    await expect(open).rejects.toThrow();
    await reconnected;
    const rows = (await db.query<{ n: number }>('SELECT n FROM told ORDER BY n')).map(({ n }) => n);
    expect(rows).toEqual([1, 2]);
    expect(heard).toEqual(['']);
    expect(log.said.filter(({ level }) => level === 'error').map(({ message }) => message)).toContain(
      'the embedded database stopped; it is started again and recovers',
    );
    await db.close();
  });

  test('leaves the main thread free while it works', async () => {
    const db = await openDb({ memory: true, log: quiet, migrations });
    let longest = 0;
    let last = performance.now();
    const beat = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    const began = performance.now();
    await db.query('SELECT count(*) FROM generate_series(1, 3000000)');
    const took = performance.now() - began;
    clearInterval(beat);
    expect(took).toBeGreaterThan(300);
    expect(longest).toBeLessThan(took / 2);
    await db.close();
  });

  test('is the version its directories are kept for, and refuses those of another with the way out', async () => {
    const dataDir = temporary('version');
    const db = await openDb({ memory: true, log: quiet, migrations });
    const [row] = await db.query<{ server_version: string }>('SHOW server_version');
    expect(row?.server_version.split('.')[0]).toBe(POSTGRES_MAJOR);
    await db.close();
    mkdirSync(join(dataDir, 'pgdata'));
    writeFileSync(join(dataDir, 'pgdata', 'PG_VERSION'), '17\n');
    await expect(openDb({ dataDir, log: quiet, migrations })).rejects.toThrow('was written by Postgres 17');
  });

  test('starts over when asked to, and only then', async () => {
    const dataDir = temporary('fresh');
    let db = await openDb({ dataDir, log: quiet, migrations });
    await db.query('INSERT INTO told VALUES (1)');
    await db.close();
    db = await openDb({ dataDir, log: quiet, migrations });
    expect(await db.query('SELECT n FROM told')).toEqual([{ n: 1 }]);
    await db.close();
    db = await openDb({ dataDir, log: quiet, migrations, fresh: true });
    expect(await db.query('SELECT n FROM told')).toEqual([]);
    await db.close();
  });
});

/** A lock as this process would write it, changed. */
async function lockOf(dataDir: string, change: Partial<LockHolder>): Promise<LockHolder> {
  const unlock = await lockDirectory(dataDir);
  const holder = JSON.parse(readFileSync(join(dataDir, 'lock'), 'utf8')) as LockHolder;
  unlock();
  return { ...holder, id: 'theirs', ...change };
}
