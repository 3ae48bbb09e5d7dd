import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

/**
 * Makes a loopback port swallow packets, as a firewall that drops them: a thread listens and then blocks for good, so
 * nobody accepts; own connections fill its queue; from then on Linux drops every further SYN (it does so whenever the
 * accept queue is full, whatever `tcp_syncookies` says) and a caller sees nothing but its own time-out.
 * Costs a thread of about 5 MB for as long as it lasts.
 */
export async function swallowPackets(port: number): Promise<{ end(): Promise<void> }> {
  const thread = new Worker(LISTEN_AND_BLOCK, {
    eval: true,
    workerData: { port },
    // Nothing inherited: a loader such as tsx would cost ten times the thread itself.
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
  });
  const filling: Socket[] = [];
  const end = async (): Promise<void> => {
    await thread.terminate();
    for (const socket of filling) socket.destroy();
  };
  try {
    await listening(thread, port);
    while (filling.length < MOST_FILLING && (await answered(port, filling)));
  } catch (error) {
    await end();
    throw error;
  }
  return { end };
}

/** Backlog 1 takes two connections on Linux, three on a BSD. */
const MOST_FILLING = 8;
/** Wall milliseconds after which a loopback SYN is known to have been dropped. */
const DROPPED = 100;

/** Text and not a module, so that it is the same thread from src/ and from dist/. */
const LISTEN_AND_BLOCK = `
const { workerData, parentPort } = require('node:worker_threads');
const server = require('node:net').createServer();
server.on('error', (error) => { throw error; });
server.listen({ port: workerData.port, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage('listening');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
`;

function listening(thread: Worker, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    thread.once('message', () => resolve());
    thread.on('error', reject);
    thread.once('exit', () => reject(new Error(`the thread that swallows packets on port ${port} ended`)));
  });
}

async function answered(port: number, filling: Socket[]): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => {});
  filling.push(socket);
  const connected = new Promise<boolean>((resolve) => socket.once('connect', () => resolve(true)));
  return Promise.race([connected, sleep(DROPPED, false)]);
}
