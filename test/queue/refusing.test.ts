import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openQueue } from '../../src/queue/open.ts';
import { readRedisUrl } from '../../src/queue/redis.ts';
import { openDb } from '../../src/store/open.ts';
import { startOwnRedis, temporary } from '../engines.ts';
import { kept, quiet } from '../store/quiet.ts';
import { atWork } from './at-work.ts';
import { ask, noRedis } from './redis-servers.ts';

type Command = [string, ...string[]];
/** `break` makes the server refuse what `mend` makes it take again. */
const refusals: { name: string; break: Command; mend: Command; says: string; remedy: string }[] = [
  {
    name: 'is full',
    break: ['CONFIG', 'SET', 'maxmemory', '1'],
    mend: ['CONFIG', 'SET', 'maxmemory', '0'],
    says: 'is full',
    remedy: 'raise maxmemory',
  },
  {
    name: 'became a copy of another',
    break: ['REPLICAOF', '127.0.0.1', '1'],
    mend: ['REPLICAOF', 'NO', 'ONE'],
    says: 'read-only copy',
    remedy: 'name the master in redis.url',
  },
  {
    name: 'has too few copies in step',
    break: ['CONFIG', 'SET', 'min-replicas-to-write', '1'],
    mend: ['CONFIG', 'SET', 'min-replicas-to-write', '0'],
    says: 'too few of its copies',
    remedy: 'bring a copy back',
  },
];

describe.skipIf(noRedis !== '')(`a Redis that answers and takes no work${noRedis}`, { timeout: 60_000 }, () => {
  test.each(refusals)('because it $name: it is said once, with what to do, and nothing is lost', async ({ break: broken, mend, says, remedy }) => {
    const server = await startOwnRedis();
    onTestFinished(server.stop);
    const work = await atWork(server.redisUrl);
    await work.put(['before']);
    await expect.poll(work.states).toEqual({ done: 1 });

    await ask(server, ...broken);
    await work.put(Array.from({ length: 20 }, (_, n) => `meanwhile ${n}`));
    await expect.poll(work.queue.healthy).toMatchObject({ ok: false, says: expect.stringContaining(says), remedy: expect.stringContaining(remedy) });
    // Asked anew, as doctor does, it is still so, and all that waits is in the database.
    await expect(work.queue.state()).rejects.toThrow();
    expect(work.queue.healthy().ok).toBe(false);
    expect(await work.states()).toEqual({ done: 1, waiting: 20 });

    await ask(server, ...mend);
    await expect.poll(work.states, { timeout: 20_000 }).toEqual({ done: 21 });
    expect(new Set(await work.written()).size).toBe(21);
    expect(work.queue.healthy()).toMatchObject({ ok: true });
    const told = work.log.said.map(({ message }) => message);
    expect(told.filter((message) => message.includes(says))).toHaveLength(1);
    expect(told.filter((message) => message.includes('takes work again'))).toHaveLength(1);
  });

  test('at the start, too; and a queue that opened on it begins by itself', async () => {
    const server = await startOwnRedis(['--maxmemory', '1']);
    onTestFinished(server.stop);
    const work = await atWork(server.redisUrl);
    expect(work.queue.healthy()).toMatchObject({ ok: false, says: expect.stringContaining('is full') });
    await work.put(['early']);
    await ask(server, 'CONFIG', 'SET', 'maxmemory', '0');
    await expect.poll(work.states, { timeout: 20_000 }).toEqual({ done: 1 });
  });

  test.each([
    ['a password', ['--requirepass', 'right'], 'redis://:wr0ng@', 'does not let this user in'],
    ['no cluster', [], 'redis+cluster://', 'is no cluster'],
  ])('one that has %s and was named otherwise is said, without the password', async (_, flags, scheme, says) => {
    const server = await startOwnRedis();
    onTestFinished(server.stop);
    if (flags[1]) await ask(server, 'CONFIG', 'SET', 'requirepass', flags[1]);
    const log = kept();
    const db = await openDb({ memory: true, log: quiet });
    const queue = await openQueue({ db, redisUrl: server.redisUrl.replace('redis://', scheme), log });
    expect(queue.healthy()).toMatchObject({ ok: false, says: expect.stringContaining(says), remedy: expect.stringContaining('redis.url') });
    expect(log.said).toMatchObject([{ level: 'warn', message: expect.stringContaining(says), fields: { remedy: expect.stringContaining('redis.url') } }]);
    expect(JSON.stringify(log.said)).not.toContain('wr0ng');
    await queue.close();
    await db.close();
  });
});

test.skipIf(noRedis !== '')(`sentinels with a password of their own are let know it by ?sentinel-password=…${noRedis}`, async () => {
  const server = await startOwnRedis();
  const file = join(temporary('sentinel'), 'sentinel.conf');
  writeFileSync(file, `sentinel monitor mine 127.0.0.1 ${server.port} 1\n`);
  const sentinel = await startOwnRedis(['--sentinel'], [file]);
  onTestFinished(async () => void (await Promise.all([server.stop(), sentinel.stop()])));
  await ask(sentinel, 'ACL', 'SETUSER', 'default', '>their own');
  const db = await openDb({ memory: true, log: quiet });
  const redisUrl = `redis+sentinel://127.0.0.1:${sentinel.port}/mine`;
  const without = await openQueue({ db, redisUrl, log: quiet });
  expect(without.healthy()).toMatchObject({ ok: false, remedy: expect.stringContaining('?sentinel-password=') });
  const queue = await openQueue({ db, redisUrl: `${redisUrl}?sentinel-password=their%20own`, log: quiet });
  expect(queue.healthy()).toMatchObject({ ok: true });
  await Promise.all([without.close(), queue.close()]);
  await db.close();
});

describe.skipIf(noRedis !== '')(`a Redis that keeps work badly${noRedis}`, () => {
  test('is said at the start with what to set, and as long as it is so; work flows', async () => {
    const server = await startOwnRedis(['--maxmemory-policy', 'allkeys-lru', '--appendonly', 'no']);
    onTestFinished(server.stop);
    const work = await atWork(server.redisUrl);
    const advice = [
      { says: expect.stringContaining('maxmemory-policy allkeys-lru'), remedy: expect.stringContaining('"maxmemory-policy noeviction"') },
      { says: expect.stringContaining('appendonly no'), remedy: expect.stringContaining('"appendonly yes"') },
    ];
    expect(work.queue.healthy()).toMatchObject({ ok: true, advice });
    await work.queue.state();
    expect(work.log.said).toMatchObject(advice.map(({ says, remedy }) => ({ level: 'warn', message: says, fields: { remedy } })));
    await work.put(['one']);
    await expect.poll(work.states).toEqual({ done: 1 });
    await ask(server, 'CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    await ask(server, 'CONFIG', 'SET', 'appendonly', 'yes');
    await work.queue.state();
    expect(work.queue.healthy()).toMatchObject({ ok: true, advice: [] });
  });
});

describe('rediss://', () => {
  test.each(['rediss://:s3cret@', 'rediss+sentinel://:s3cret@', 'rediss+cluster://:s3cret@'])('%s says nothing in the clear', async (scheme) => {
    let heard: (bytes: Buffer) => void = () => {};
    const first = new Promise<Buffer>((resolve) => (heard = resolve));
    const server = createServer((socket) => socket.on('error', () => {}).once('data', heard));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const connection = readRedisUrl(`${scheme}127.0.0.1:${(server.address() as { port: number }).port}`, quiet).producer();
    // 22 is a TLS handshake (RFC 8446, 5.1).
    expect((await first)[0]).toBe(22);
    connection.disconnect();
    server.close();
  });
});
