import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import { Refusal } from '../lib/refusal.ts';
import type { Log } from '../ops.ts';
import type { Advice } from './engine.ts';
import { refusalOf } from './redis-says.ts';

/** A connection of its own for each use. */
export interface RedisMaker {
  /** `redis.example:6379`, without the password. */
  where: string;
  /** Fails at once while Redis is away. */
  producer(): Redis | Cluster;
  /** Waits for Redis to come back. */
  worker(): Redis | Cluster;
  /** Why no connection is made, where what was reached said so. */
  refused(): Advice | undefined;
}

/**
 * Reads `redis://`, `rediss://` (TLS), `redis+sentinel://user:password@h1:26379,h2:26379/master-name` and
 * `redis+cluster://h1:6379,h2:6379`; `+` may be `-`. Sentinels with a password of their own: `?sentinel-password=…`. Throws Refusal, without the password.
 */
export function readRedisUrl(text: string, log: Log): RedisMaker {
  const match =
    /^redis(?<tls>s?)(?:[+-](?<kind>sentinel|cluster))?:\/\/(?:(?<user>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<hosts>[^/?@]+)(?:\/(?<path>[^?@]*))?(?:\?sentinel-password=(?<sentinelPassword>[^&@]+))?$/.exec(
      text.trim(),
    );
  if (!match?.groups) {
    throw new Refusal(
      'REDIS_URL is not understood. It looks like redis://:password@host:6379, redis+sentinel://:password@host1:26379,host2:26379/master-name or redis+cluster://host1:6379,host2:6379; rediss:// is TLS. In a password "@" is written %40 and "/" is written %2F.',
    );
  }
  const { tls, kind, user, password, hosts = '', path, sentinelPassword } = match.groups;
  const nodes = hosts.split(',').map((one) => readNode(one, kind === 'sentinel' ? 26379 : 6379));
  const where = `${nodes.map(({ host, port }) => `${host}:${port}`).join(',')}${kind ? ` (${kind})` : ''}`;
  const shared: RedisOptions = {
    ...(user && { username: decodeURIComponent(user) }),
    ...(password && { password: decodeURIComponent(password) }),
    ...(tls && { tls: {} }),
    connectTimeout: 5000,
    keepAlive: 10_000,
    retryStrategy: (times) => Math.min(100 * 2 ** Math.min(times, 5), 2000),
  };
  const ofSentinels: RedisOptions = {
    ...(sentinelPassword && { sentinelPassword: decodeURIComponent(sentinelPassword) }),
    // Without these two ioredis speaks to both in the clear, whatever `tls` says.
    ...(tls && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
  };
  // Said once when Redis is gone and once when it is back, whatever the number of connections and attempts.
  let away = false;
  let refused: Advice | undefined;
  const spoken = <Connection extends Redis | Cluster>(connection: Connection): Connection => {
    // Says why before the error that follows says only that no sentinel was of use.
    connection.on('sentinelError', (error: Error) => {
      refused = refusalOf(error) ?? refused;
    });
    connection.on('error', (error: Error & { code?: string; lastNodeError?: Error }) => {
      const why = error.lastNodeError ?? error;
      refused = refusalOf(why) ?? refused;
      if (!away) {
        const fields = { redis: where, error: why.message || error.code, ...(refused && { remedy: refused.remedy }) };
        log.warn(fields, `Redis ${refused?.says ?? 'does not answer'}; what is due waits in the database`);
      }
      away = true;
    });
    connection.on('ready', () => {
      if (away) log.info({ redis: where }, 'Redis is back');
      away = false;
      refused = undefined;
    });
    return connection;
  };
  const make = (own: RedisOptions & ClusterOptions): Redis | Cluster => {
    const options = { ...shared, ...own };
    const connection =
      kind === 'cluster'
        ? new Cluster(nodes, { redisOptions: options, clusterRetryStrategy: shared.retryStrategy, enableOfflineQueue: own.enableOfflineQueue ?? true })
        : kind === 'sentinel'
          ? new Redis({ ...options, ...ofSentinels, sentinels: nodes, name: path || 'mymaster' })
          : new Redis({ ...options, ...nodes[0], db: Number(path || 0) });
    return spoken(connection);
  };
  return {
    where,
    producer: () => make({ enableOfflineQueue: false, maxRetriesPerRequest: 1 }),
    worker: () => make({ maxRetriesPerRequest: null }),
    refused: () => refused,
  };
}

export const isReady = (connection: Redis | Cluster): boolean => connection.status === 'ready' || (connection.isCluster && connection.status === 'connect');

function readNode(text: string, otherwise: number): { host: string; port: number } {
  const { host, port } = /^(?<host>\[[^\]]+\]|[^:]+)(?::(?<port>\d+))?$/.exec(text)?.groups ?? {};
  if (!host) throw new Refusal(`REDIS_URL names the server ${JSON.stringify(text)}, which is not host:port.`);
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port ?? otherwise) };
}
