import { Cluster } from 'ioredis';
import { beforeAll, describe, expect, test } from 'vitest';
import { openQueue } from '../../src/queue/open.ts';
import { openDb } from '../../src/store/open.ts';
import { quiet } from '../store/quiet.ts';
import { comesLater, flows, masterHangs, masterKilled } from './failover.ts';
import { ask, type ManyRedis, noRedis, startCluster } from './redis-servers.ts';

describe.skipIf(noRedis !== '')(`a Redis cluster${noRedis}`, { timeout: 60_000 }, () => {
  let servers: ManyRedis;
  beforeAll(async () => {
    servers = await startCluster();
    return () => servers.stop();
  }, 60_000);

  test('redis+cluster://host:port,host:port is followed, and work flows', () => flows(servers));

  test('all keys of a queue are kept on one master, where they would be refused without their braces', async () => {
    const db = await openDb({ memory: true, log: quiet });
    const queue = await openQueue({ name: 'braces', db, redisUrl: servers.url, log: quiet });
    await queue.add([{ id: 'one', data: { kind: 'reading', ref: '1', rev: 0 } }]);
    const cluster = new Cluster(servers.guides.map(({ port }) => ({ host: '127.0.0.1', port })));
    await new Promise((resolve) => cluster.once('ready', resolve));
    const keys = (await Promise.all(cluster.nodes('master').map((node) => node.keys('*braces*')))).filter((some) => some.length > 0);
    expect(keys).toHaveLength(1);
    expect(keys[0]?.length).toBeGreaterThan(3);
    expect(keys[0]?.filter((key) => !key.startsWith('{holdfast:braces}:'))).toEqual([]);
    await expect(cluster.del(keys[0] as string[])).resolves.toBeGreaterThan(3);
    await expect(cluster.del((keys[0] as string[]).map((key) => key.replace(/[{}]/g, '')))).rejects.toThrow(/slot/i);
    cluster.disconnect();
    await queue.close();
    await db.close();
  });

  test('a cluster named as a single Redis is said, with what to write', async () => {
    const { master } = await servers.roles();
    const other = (await Promise.all(servers.guides.map(async (server) => ({ server, is: await ask<string>(server, 'INFO', 'replication') })))).find(
      ({ server, is }) => server.port !== master.port && is.includes('role:master'),
    )?.server;
    const db = await openDb({ memory: true, log: quiet });
    const queue = await openQueue({ db, redisUrl: other?.redisUrl as string, log: quiet });
    expect(queue.healthy()).toMatchObject({
      ok: false,
      says: expect.stringContaining('was not named as one'),
      remedy: expect.stringContaining('redis+cluster://'),
    });
    await queue.close();
    await db.close();
  });

  test('the master of the queue is killed: work goes on at its copy, and what the copy had not heard of is done, once', async () => {
    const { master } = await servers.roles();
    console.info(`cluster: master killed, nothing went on for ${Math.round(await masterKilled(servers))} ms`);
    await master.restart();
  });

  test('the master of the queue hangs with its connections open: it is left for its copy', async () => {
    console.info(`cluster: master hangs, nothing went on for ${Math.round(await masterHangs(servers))} ms`);
  });

  test('with the whole cluster down at the start, what is put out waits, and is done when it comes', () => comesLater(servers));
});
