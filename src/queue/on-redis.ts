import type { Cluster, Redis } from 'ioredis';
import type { Log } from '../ops.ts';
import { ANSWER, type Engine, within } from './engine.ts';
import { isReady, readRedisUrl } from './redis.ts';
import { adviceOn } from './redis-says.ts';

/** BullMQ on a single Redis, on one with sentinels, or on a cluster. */
export function onRedis(name: string, redisUrl: string, log: Log): Engine {
  const redis = readRedisUrl(redisUrl, log);
  const producer = redis.producer();
  const all: (Redis | Cluster)[] = [producer];
  // The braces keep all keys of a queue in one slot of a cluster.
  const prefix = `{holdfast:${name}}`;
  return {
    where: `Redis ${redis.where}`,
    prefix,
    producer: producer as never,
    worker() {
      const connection = redis.worker();
      all.push(connection);
      return connection as never;
    },
    factory: undefined,
    ready: () => isReady(producer),
    refused: () => redis.refused(),
    async reachable() {
      if (isReady(producer)) return;
      await within(new Promise((resolve) => producer.once('ready', resolve)), ANSWER);
      if (!isReady(producer)) throw new Error(`the queue cannot be reached: Redis ${redis.where} does not answer`);
    },
    async examine() {
      // Only a write shows whether writes are taken: a full Redis, a copy and one without copies all answer reads.
      await producer.set(`${prefix}:examined`, '1', 'PX', 60_000);
      const servers = producer.isCluster ? (producer as Cluster).nodes('master') : [producer as Redis];
      const told = await Promise.all(servers.map(async (server) => `${await server.info('memory')}\n${await server.info('persistence')}`));
      return adviceOn(told);
    },
    unanswered() {
      // A machine that hangs or lost its power closes nothing: without this the kernel would wait for a quarter of an hour.
      for (const connection of all) connection.disconnect(true);
    },
    async close() {
      for (const connection of all) connection.disconnect();
    },
  };
}
