import { createPostgresBackend, Queue, runMigrations, Worker } from 'bullmq';
import type { Cluster, Redis } from 'ioredis';
import type { Log } from '../ops.ts';
import type { Store } from '../store/db.ts';
import type { WorkItem, WorkQueue } from './queue.ts';

export interface QueueOptions {
  /** Letters, digits and dashes; several queues may share a server. */
  name?: string;
  db: Store;
  databaseUrl?: string;
  redisUrl?: string;
  log: Log;
}

/** Wall ms a producer waits for Redis before it says no. */
const ANSWER = 2000;
/** A worker that died is noticed after the lock's end and at most one interval more (10 s measured). */
const LOCK = 10_000;
const STALLED = 5000;
const STALLS = 3;

/**
 * BullMQ on Redis where a `redisUrl` is given, else on the database. With Redis away it opens all the same: workers
 * come back by themselves, `add` says no.
 */
export async function openQueue({ name = 'work', db, redisUrl, log }: QueueOptions): Promise<WorkQueue> {
  const engine = redisUrl ? await onRedis(name, redisUrl, log) : await onDatabase(db);
  const kept = { removeOnComplete: true, removeOnFail: true } as const;
  const said = (error: Error): void => {
    if (!closing && engine.ready()) log.warn({ queue: name, error: error.message }, 'the queue had an error');
  };
  let closing: Promise<void> | undefined;
  const workers: Worker[] = [];
  const producer = new Queue(
    name,
    { connection: engine.producer, prefix: engine.prefix, defaultJobOptions: kept, streams: { events: { maxLen: 100 } } },
    engine.factory as undefined,
  );
  producer.on('error', said);
  // A moment, so that a queue that is there is found healthy; one that is not holds up nothing.
  await engine.reachable().catch(() => {});
  return {
    async add(items) {
      if (items.length === 0) return;
      await engine.reachable();
      await withinAnswer(producer.addBulk(items.map(({ id, data }) => ({ name: data.kind, data, opts: { jobId: id } }))));
    },
    async work(handle, { concurrency }) {
      const worker = new Worker<WorkItem>(
        name,
        ({ data, id }) => handle(data, id ?? ''),
        {
          connection: engine.worker(),
          prefix: engine.prefix,
          concurrency,
          lockDuration: LOCK,
          stalledInterval: STALLED,
          maxStalledCount: STALLS,
          runRetryDelay: 1000,
          // On the database a NOTIFY ends the wait; on Redis the blocking read does.
          drainDelay: redisUrl ? 5 : 30,
          removeOnComplete: { count: 0 },
          removeOnFail: { count: 0 },
        },
        engine.factory as undefined,
      );
      worker.on('error', said);
      worker.on('stalled', (id) => log.warn({ queue: name, job: id }, 'a worker lost its hold on a piece of work; it is given to another'));
      worker.on('failed', (job, error) => log.error({ queue: name, job: job?.id, work: job?.data, error: error.stack }, 'a piece of work failed in the queue'));
      workers.push(worker);
    },
    async state() {
      await engine.reachable();
      const counts = await withinAnswer(producer.getJobCounts('wait', 'prioritized', 'delayed', 'active'));
      const { active = 0, ...others } = counts;
      return { active, waiting: Object.values(others).reduce((sum, n) => sum + n, 0) };
    },
    healthy() {
      const ok = engine.ready();
      return { ok, says: ok ? `queue on ${engine.where}` : `the queue on ${engine.where} does not answer: what is due waits in the database` };
    },
    close() {
      closing ??= (async () => {
        // Without Redis a worker has nothing it could give back, and waits for ever to do so.
        await Promise.all(workers.map((worker) => within(worker.close(!engine.ready()), LOCK)));
        await within(producer.close(), ANSWER);
        await engine.close();
      })();
      return closing;
    },
  };
}

interface Engine {
  where: string;
  prefix: string | undefined;
  producer: never;
  worker(): never;
  /** BullMQ's backend; its own, Redis, when undefined. Typed as the default: the calls are the same. */
  factory: unknown;
  ready(): boolean;
  /** Rejects when it makes no sense to ask now. */
  reachable(): Promise<void>;
  close(): Promise<void>;
}

async function onRedis(name: string, redisUrl: string, log: Log): Promise<Engine> {
  const { isReady, readRedisUrl } = await import('./redis.ts');
  const redis = readRedisUrl(redisUrl, log);
  const producer = redis.producer();
  const all: (Redis | Cluster)[] = [producer];
  return {
    where: `Redis ${redis.where}`,
    // The braces keep all keys of a queue in one slot of a cluster.
    prefix: `{holdfast:${name}}`,
    producer: producer as never,
    worker() {
      const connection = redis.worker();
      all.push(connection);
      return connection as never;
    },
    factory: undefined,
    ready: () => isReady(producer),
    async reachable() {
      if (isReady(producer)) return;
      await within(new Promise((resolve) => producer.once('ready', resolve)), ANSWER);
      if (!isReady(producer)) throw new Error(`the queue cannot be reached: Redis ${redis.where} does not answer`);
    },
    async close() {
      for (const connection of all) connection.disconnect();
    },
  };
}

async function onDatabase(db: Store): Promise<Engine> {
  const pool = db.pool('bullmq');
  const client = await pool.connect();
  try {
    await runMigrations(client as never);
  } finally {
    client.release();
  }
  return {
    where: db.engine === 'embedded' ? 'the embedded database' : 'the Postgres database',
    prefix: undefined,
    producer: pool as never,
    worker: () => pool as never,
    factory: createPostgresBackend,
    ready: () => true,
    reachable: async () => {},
    async close() {
      await within(pool.end(), ANSWER);
    },
  };
}

/** What takes longer is given up; it may still happen, and does no harm: whoever takes the work compares its rev. */
async function withinAnswer<Result>(work: Promise<Result>): Promise<Result> {
  const late = Symbol();
  const result = await within(work, ANSWER * 2, late);
  if (result === late) throw new Error('the queue did not answer in time');
  return result as Result;
}

async function within<Result>(work: Promise<Result> | undefined, ms: number, otherwise?: unknown): Promise<Result | unknown> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([work, new Promise((resolve) => (timer = setTimeout(() => resolve(otherwise), ms)))]);
  } finally {
    clearTimeout(timer);
  }
}
