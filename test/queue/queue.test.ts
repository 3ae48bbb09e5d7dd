import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openQueue } from '../../src/queue/open.ts';
import type { WorkItem, WorkQueue } from '../../src/queue/queue.ts';
import { readRedisUrl } from '../../src/queue/redis.ts';
import type { Store } from '../../src/store/db.ts';
import { openDb } from '../../src/store/open.ts';
import { engines, freePort, type Running, startOwnRedis, temporary } from '../engines.ts';
import { kept, quiet } from '../store/quiet.ts';
import { noRedis } from './redis-servers.ts';

const migrations = temporary('none');
const item = (ref: string): { id: string; data: WorkItem } => ({ id: `work-${ref}`, data: { kind: 'chunk', ref, rev: 1 } });

/** Handles work and lets a test wait until so many pieces came. */
function gather(): { handle: (item: WorkItem, id: string) => Promise<void>; refs: string[]; count(n: number): Promise<void> } {
  const refs: string[] = [];
  let look = (): void => {};
  return {
    refs,
    async handle({ ref }) {
      refs.push(ref);
      look();
    },
    count: (n) =>
      new Promise((resolve) => {
        look = () => refs.length >= n && resolve();
        look();
      }),
  };
}

for (const engine of engines()) {
  const why = engine.available === true ? '' : ` — skipped: ${engine.available}`;
  describe.skipIf(engine.available !== true)(`the queue on ${engine.name}${why}`, () => {
    const closing: (() => Promise<unknown>)[] = [];
    let running: Running;
    let db: Store;
    beforeAll(async () => {
      running = await engine.start();
      db = await openDb({ ...running, log: quiet, migrations });
      return async () => {
        await db.close();
        await running.stop();
      };
    });
    afterEach(async () => {
      for (const close of closing.splice(0).reverse()) await close();
    });
    const open = async (name: string, log = quiet): Promise<WorkQueue> => {
      const queue = await openQueue({ name, db, redisUrl: running.redisUrl, log });
      closing.push(() => queue.close());
      return queue;
    };

    test('work goes in and comes out, each piece once, and nothing stays behind', async () => {
      const queue = await open('in-and-out');
      expect(queue.healthy().ok).toBe(true);
      const got = gather();
      await queue.add(Array.from({ length: 40 }, (_, n) => item(`before ${n}`)));
      expect(await queue.state()).toEqual({ waiting: 40, active: 0 });
      await queue.work(got.handle, { concurrency: 8 });
      await got.count(40);
      await queue.add(Array.from({ length: 20 }, (_, n) => item(`after ${n}`)));
      await got.count(60);
      expect(new Set(got.refs).size).toBe(60);
      // A piece is active until its worker has said so: the last ones may be on their way.
      await expect.poll(() => queue.state()).toEqual({ waiting: 0, active: 0 });
    });

    test('an id that still waits is not queued twice; one that is done can come again', async () => {
      const queue = await open('ids');
      const got = gather();
      await queue.add([item('a'), item('a')]);
      await queue.add([item('a')]);
      expect((await queue.state()).waiting).toBe(1);
      await queue.work(got.handle, { concurrency: 1 });
      await got.count(1);
      await expect.poll(() => queue.state()).toEqual({ waiting: 0, active: 0 });
      await queue.add([item('a')]);
      await got.count(2);
    });

    test('no more at once than asked for', async () => {
      const queue = await open('at-once');
      let now = 0;
      let most = 0;
      const got = gather();
      await queue.add(Array.from({ length: 20 }, (_, n) => item(String(n))));
      await queue.work(
        async (work, id) => {
          most = Math.max(most, ++now);
          await new Promise((next) => setImmediate(next));
          now -= 1;
          await got.handle(work, id);
        },
        { concurrency: 3 },
      );
      await got.count(20);
      expect(most).toBeLessThanOrEqual(3);
      expect(most).toBeGreaterThan(1);
    });

    test('work that throws is said and gone from the queue: what failed is in the database', async () => {
      const log = kept();
      const queue = await open('throws', log);
      const got = gather();
      await queue.work(
        async (work, id) => {
          await got.handle(work, id);
          if (work.ref === 'bad') throw new Error('no such host');
        },
        { concurrency: 1 },
      );
      await queue.add([item('bad'), item('good')]);
      await got.count(2);
      await expect.poll(() => queue.state()).toEqual({ waiting: 0, active: 0 });
      expect(log.said.filter(({ level }) => level === 'error')).toMatchObject([{ message: 'a piece of work failed in the queue' }]);
    });

    test('transactions of the store and work of the queue go on side by side', async () => {
      const queue = await open('side-by-side');
      const got = gather();
      await db.query('CREATE TABLE IF NOT EXISTS done (ref text PRIMARY KEY)');
      await queue.work(
        async (work, id) => {
          await db.tx((tx) => tx.query('INSERT INTO done VALUES ($1)', [work.ref]));
          await got.handle(work, id);
        },
        { concurrency: 8 },
      );
      const others = Array.from({ length: 100 }, () => db.tx((tx) => tx.query('SELECT count(*) FROM done')));
      for (let n = 0; n < 100; n += 20) await queue.add(Array.from({ length: 20 }, (_, i) => item(String(n + i))));
      await Promise.all([got.count(100), ...others]);
      expect(await db.query('SELECT count(*)::int AS n FROM done')).toEqual([{ n: 100 }]);
    });

    if (!engine.name.includes('redis')) return;
    test('after FLUSHALL in the middle of everything it goes on with what is queued again', async () => {
      const queue = await open('flushed');
      const got = gather();
      let flushing: Promise<void> | undefined;
      await queue.work(
        async (work, id) => {
          flushing ??= running.flushAll?.();
          await got.handle(work, id);
        },
        { concurrency: 2 },
      );
      await queue.add(Array.from({ length: 10 }, (_, n) => item(`first ${n}`)));
      await got.count(1);
      await flushing;
      await queue.add(Array.from({ length: 10 }, (_, n) => item(`again ${n}`)));
      await expect.poll(() => got.refs.filter((ref) => ref.startsWith('again')).length, { timeout: 10_000 }).toBe(10);
    });
  });
}

describe.skipIf(noRedis !== '')(`Redis that goes away${noRedis}`, () => {
  test('a queue opens without it, says no to work soon, and begins when it comes', async () => {
    const log = kept();
    const db = await openDb({ memory: true, log: quiet, migrations });
    const redisServer = await startOwnRedis();
    await redisServer.kill9();
    const began = performance.now();
    const queue = await openQueue({ db, redisUrl: redisServer.redisUrl, log });
    const got = gather();
    await queue.work(got.handle, { concurrency: 2 });
    await expect(queue.add([item('too early')])).rejects.toThrow('does not answer');
    await expect(queue.state()).rejects.toThrow('does not answer');
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(queue.healthy()).toMatchObject({ ok: false });
    expect(log.said.map(({ message }) => message)).toEqual(['Redis does not answer; what is due waits in the database']);

    await redisServer.restart();
    await expect.poll(() => queue.healthy().ok, { timeout: 10_000 }).toBe(true);
    await queue.add([item('now')]);
    await got.count(1);

    await redisServer.kill9();
    await expect.poll(() => queue.healthy().ok, { timeout: 10_000 }).toBe(false);
    await expect(queue.add([item('away')])).rejects.toThrow();
    await redisServer.restart();
    await expect.poll(() => queue.healthy().ok, { timeout: 10_000 }).toBe(true);
    await queue.add([item('back')]);
    await got.count(2);
    await queue.close();
    await db.close();
    await redisServer.stop();
  });

  test('a queue closes in seconds while it is away', async () => {
    const db = await openDb({ memory: true, log: quiet, migrations });
    const queue = await openQueue({ db, redisUrl: `redis://127.0.0.1:${await freePort()}`, log: quiet });
    await queue.work(async () => {}, { concurrency: 1 });
    const began = performance.now();
    await queue.close();
    expect(performance.now() - began).toBeLessThan(4000);
    await db.close();
  });
});

describe('REDIS_URL', () => {
  test.each([
    ['redis://:s3cret@cache:6380/2', 'cache:6380'],
    ['rediss://ops:s3cret@cache', 'cache:6379'],
    ['redis+sentinel://:s3cret@a,b:26380/mine', 'a:26379,b:26380 (sentinel)'],
    ['rediss+sentinel://ops:s3cret@a/mine?sentinel-password=an%20other', 'a:26379 (sentinel)'],
    ['redis-cluster://a:7000,b:7001', 'a:7000,b:7001 (cluster)'],
  ])('%s is understood', (url, where) => {
    expect(readRedisUrl(url, quiet).where).toBe(where);
  });
  test.each(['cache:6379', 'http://:s3cret@cache', 'redis://', 'redis+ring://a'])('%s is refused with examples and without its password', (url) => {
    expect(() => readRedisUrl(url, quiet)).toThrow(/looks like redis:/);
    expect(() => readRedisUrl(url, quiet)).not.toThrow(/s3cret/);
  });
});
