import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Refusal } from '../../lib/refusal.ts';
import type { Log } from '../../ops.ts';
import type { Place } from './pglite.ts';
import type { Answer, Ask, Booted } from './worker.ts';

/** The embedded Postgres as the main thread holds it. */
export interface Thread {
  /** Whole protocol messages in, whole protocol messages out. Rejects when the thread died before it answered. */
  run(messages: Uint8Array, schema: string): Promise<Uint8Array>;
  close(): Promise<void>;
  /** Called at once when the thread died: no transaction of before is open any more. */
  onDeath: (error: Error) => void;
}

type Request = Ask extends infer One ? (One extends Ask ? Omit<One, 'id'> : never) : never;

/**
 * Starts the thread. One that dies (a full disk, a failed fsync) fails what was in flight and is started again at the
 * next request: Postgres recovers from the disk as after a crash.
 */
export async function startThread(place: Place, log: Log): Promise<Thread> {
  const waiting = new Map<number, { resolve(bytes: Uint8Array): void; reject(error: Error): void }>();
  let last = 0;
  let closed = false;
  const thread: Thread = {
    run: (messages, schema) => ask({ run: messages, schema }),
    async close() {
      if (closed) return;
      closed = true;
      await ask({ close: true }).catch((error) => log.error({ error: String(error) }, 'the embedded database did not close cleanly'));
      await (await current?.catch(() => undefined))?.terminate();
    },
    onDeath() {},
  };
  let current: Promise<Worker> | undefined = spawn();
  await current;
  return thread;

  function spawn(): Promise<Worker> {
    const worker = new Worker(ENTRY, {
      workerData: { place },
      eval: FROM_SOURCE,
      execArgv: [],
      // stdout belongs to replies.
      stdout: true,
      stderr: true,
    });
    for (const stream of [worker.stdout, worker.stderr]) stream.on('data', (text) => log.warn({ from: 'pglite' }, String(text).slice(0, 2000).trim()));
    return new Promise((resolve, reject) => {
      let died: Error | undefined;
      worker.once('message', (booted: Booted) => {
        if ('failed' in booted) return reject(booted.notDurable ? notDurable(booted.failed) : new Error(booted.failed));
        worker.unref();
        worker.on('message', settle);
        resolve(worker);
      });
      worker.once('error', (error) => {
        died = error instanceof Error ? error : new Error(String(error));
      });
      worker.once('exit', (code) => {
        current = undefined;
        const error = new Error(`the embedded database stopped (${died?.message ?? `exit ${code}`})`);
        reject(error);
        if (!closed) log.error({ code, died: died?.stack }, 'the embedded database stopped; it is started again and recovers');
        thread.onDeath(error);
        for (const { reject: fail } of waiting.values()) fail(error);
        waiting.clear();
      });
    });
  }

  function settle(answer: Answer): void {
    const one = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('bytes' in answer) one?.resolve(answer.bytes);
    else one?.reject(new Error(answer.error));
  }

  async function ask(request: Request): Promise<Uint8Array> {
    if (closed && !('close' in request)) throw new Error('the database is closed');
    current ??= spawn();
    const worker = await current;
    const id = ++last;
    worker.ref();
    try {
      return await new Promise<Uint8Array>((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        worker.postMessage({ id, ...request });
      });
    } finally {
      // An idle database does not keep the process alive.
      if (waiting.size === 0) worker.unref();
    }
  }
}

/** From source (vitest, tsx) a worker needs tsx of its own; `--import tsx` does not reach workers on Node 20. */
const FROM_SOURCE = import.meta.url.endsWith('.ts');
const ENTRY = FROM_SOURCE
  ? `import('${pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api')).href.replace('.cjs', '.mjs')}').then(({ register }) => {
      register();
      return import('${new URL('./worker.ts', import.meta.url).href}');
    })`
  : new URL('./worker.js', import.meta.url);

function notDurable(why: string): Refusal {
  return new Refusal(
    `The embedded database would lose committed data in a power cut with this build of PGlite, so Holdfast does not start on it (${why.split('\n')[0]}). ` +
      'Run npm ci to get the version it was tested with, or set DATABASE_URL to a Postgres server.',
  );
}
