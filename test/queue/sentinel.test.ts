import { beforeAll, describe, expect, test } from 'vitest';
import { openQueue } from '../../src/queue/open.ts';
import { openDb } from '../../src/store/open.ts';
import { kept, quiet } from '../store/quiet.ts';
import { comesLater, flows, masterHangs, masterKilled } from './failover.ts';
import { type ManyRedis, noRedis, startSentinels } from './redis-servers.ts';

describe.skipIf(noRedis !== '')(`Redis with sentinels${noRedis}`, { timeout: 60_000 }, () => {
  let servers: ManyRedis;
  beforeAll(async () => {
    servers = await startSentinels();
    return () => servers.stop();
  }, 60_000);

  test('redis+sentinel://host:port,host:port/name finds the master, and work flows', () => flows(servers));

  test('a name the sentinels do not know is said, with where to find it', async () => {
    const log = kept();
    const db = await openDb({ memory: true, log: quiet });
    const queue = await openQueue({ db, redisUrl: servers.url.replace('/mine', '/main'), log });
    expect(queue.healthy()).toMatchObject({
      ok: false,
      says: expect.stringContaining('not known to its sentinels'),
      remedy: expect.stringContaining('sentinel monitor'),
    });
    expect(log.said).toMatchObject([{ level: 'warn', fields: { remedy: expect.stringContaining('sentinel monitor') } }]);
    await queue.close();
    await db.close();
  });

  test('with every sentinel down at the start, what is put out waits, and is done when they come', () => comesLater(servers));

  test('the master is killed: work goes on at a copy, and what the copy had not heard of is done, once', async () => {
    console.info(`sentinel: master killed, nothing went on for ${Math.round(await masterKilled(servers))} ms`);
  });

  test('the master hangs with its connections open: it is left for a copy', async () => {
    console.info(`sentinel: master hangs, nothing went on for ${Math.round(await masterHangs(servers))} ms`);
  });
});
