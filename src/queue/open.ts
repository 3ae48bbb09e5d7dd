import { createPostgresBackend, Queue, runMigrations, Worker } from 'bullmq';
import type { Log } from '../ops.ts';
import type { Store } from '../store/db.ts';
import { type Advice, ANSWER, type Engine, within } from './engine.ts';
import type { WorkItem, WorkQueue } from './queue.ts';
import { refusalOf } from './redis-says.ts';

export interface QueueOptions {
  /** Letters, digits and dashes; several queues may share a server. */
  name?: string;
  db: Store;
  databaseUrl?: string;
  redisUrl?: string;
  log: Log;
}

/** Wall ms the end waits for a Redis that is not there: Holdfast ends within two seconds. */
const GONE = 300;
/** A worker that died is noticed after the lock's end and at most one interval more (10 s measured). */
const LOCK = 10_000;
const STALLED = 5000;
const STALLS = 3;

/**
 * BullMQ on Redis where a `redisUrl` is given, else on the database. With Redis away it opens all the same: workers
 * come back by themselves, `add` says no.
 */
export async function openQueue({ name = 'work', db, redisUrl, log }: QueueOptions): Promise<WorkQueue> {
  const engine = redisUrl ? (await import('./on-redis.ts')).onRedis(name, redisUrl, log) : await onDatabase(db);
  const kept = { removeOnComplete: true, removeOnFail: true } as const;
  let refused: Advice | undefined;
  let advice: Advice[] = [];
  // What stays the same is said once: workers try every second, and are told every second.
  const advised = new Set<string>();
  const said = (error: Error): void => {
    if (closing || !engine.ready()) return;
    const refusal = refusalOf(error);
    if (!refusal) log.warn({ queue: name, error: error.message }, 'the queue had an error');
    else if (refused !== refusal) {
      log.warn({ queue: name, error: error.message, remedy: refusal.remedy }, `${engine.where} ${refusal.says}; what is due waits in the database`);
    }
    refused = refusal ?? refused;
  };
  const taken = (): void => {
    if (refused) log.info({ queue: name }, `${engine.where} takes work again`);
    refused = undefined;
  };
  /** What takes longer is given up; it may still happen, and does no harm: whoever takes the work compares its rev. */
  const asked = async <Result>(work: Promise<Result>): Promise<Result> => {
    const late = Symbol();
    const result = await within(
      work.catch((error: Error) => {
        if (refusalOf(error)) said(error);
        throw error;
      }),
      ANSWER * 2,
      late,
    );
    if (result !== late) return result as Result;
    engine.unanswered();
    throw new Error('the queue did not answer in time');
  };
  const examine = async (): Promise<void> => {
    await engine.reachable();
    advice = await asked(engine.examine());
    taken();
    for (const { says, remedy } of advice) {
      if (!advised.has(says)) log.warn({ queue: name, remedy }, says);
      advised.add(says);
    }
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
  await examine().catch(() => {});
  return {
    async add(items) {
      if (items.length === 0) return;
      await engine.reachable();
      await asked(producer.addBulk(items.map(({ id, data }) => ({ name: data.kind, data, opts: { jobId: id } }))));
      taken();
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
      await examine();
      const counts = await asked(producer.getJobCounts('wait', 'prioritized', 'delayed', 'active'));
      const { active = 0, ...others } = counts;
      return { active, waiting: Object.values(others).reduce((sum, n) => sum + n, 0) };
    },
    healthy() {
      const why = refused ?? engine.refused();
      if (why) return { ok: false, says: `${engine.where} ${why.says}: what is due waits in the database`, remedy: why.remedy, advice };
      if (!engine.ready()) return { ok: false, says: `the queue on ${engine.where} does not answer: what is due waits in the database`, advice };
      return { ok: true, says: `queue on ${engine.where}`, advice };
    },
    close() {
      closing ??= (async () => {
        // Without Redis a worker has nothing it could give back, and waits for ever to do so.
        await Promise.all(workers.map((worker) => within(worker.close(!engine.ready()), engine.ready() ? LOCK : GONE)));
        await within(producer.close(), engine.ready() ? ANSWER : GONE);
        await engine.close();
      })();
      return closing;
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
    refused: () => undefined,
    reachable: async () => {},
    examine: async () => [],
    unanswered() {},
    async close() {
      await within(pool.end(), ANSWER);
    },
  };
}
