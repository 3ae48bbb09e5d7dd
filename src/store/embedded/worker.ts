import { parentPort, workerData } from 'node:worker_threads';
import { type Backend, bootPglite, NotDurable, type Place } from './pglite.ts';

/**
 * The thread PGlite lives in. In the main thread its WASM would resolve on microtasks only and starve timers and
 * sockets. Everything it is asked is answered in order, one at a time.
 */
export type Ask = { id: number } & ({ run: Uint8Array; schema: string } | { close: true });
export type Answer = { id: number } & ({ bytes: Uint8Array } | { error: string });
export type Booted = { ready: true } | { failed: string; notDurable: boolean };

if (parentPort) {
  const port = parentPort;
  const { place } = workerData as { place: Place };
  let backend: Backend;
  try {
    backend = await bootPglite(place);
    port.postMessage({ ready: true } satisfies Booted);
  } catch (error) {
    const failed = error instanceof Error ? (error.stack ?? error.message) : String(error);
    port.postMessage({ failed, notDurable: error instanceof NotDurable } satisfies Booted);
    throw error;
  }
  let schema = 'public';
  let turn = Promise.resolve();
  port.on('message', (ask: Ask) => {
    turn = turn.then(async () => {
      const answer = await respond(ask).catch((error): Answer => ({ id: ask.id, error: String(error?.stack ?? error) }));
      port.postMessage(answer, 'bytes' in answer ? [answer.bytes.buffer as ArrayBuffer] : []);
      // Without a ReadyForQuery Postgres has died (PANIC, out of memory): the thread ends, a new one recovers from the disk.
      if ('error' in answer) process.exit(1);
    });
  });

  async function respond(ask: Ask): Promise<Answer> {
    if ('close' in ask) {
      await backend.close();
      return { id: ask.id, bytes: new Uint8Array() };
    }
    if (ask.schema !== schema) {
      await backend.run(simpleQuery(`SET search_path TO "${ask.schema}"`));
      schema = ask.schema;
    }
    const bytes = await backend.run(ask.run);
    if (!endsReady(bytes)) throw new Error('the embedded Postgres stopped in the middle of an answer');
    return { id: ask.id, bytes };
  }
}

function simpleQuery(sql: string): Uint8Array {
  const message = Buffer.alloc(1 + 4 + Buffer.byteLength(sql) + 1);
  message.write('Q', 0);
  message.writeInt32BE(message.length - 1, 1);
  message.write(sql, 5);
  return message;
}

/** ReadyForQuery is `Z`, length 5, one byte of state, and nothing comes after it. */
function endsReady(bytes: Uint8Array): boolean {
  const at = bytes.length - 6;
  return at >= 0 && bytes[at] === 0x5a && bytes[at + 4] === 5;
}
