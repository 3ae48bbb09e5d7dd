import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

export interface BlackHole {
  address: string;
  port: number;
  close(): Promise<void>;
}

/**
 * A port that swallows packets, without root and without a network namespace: a thread listens and then sleeps, so nothing
 * is ever accepted, and once its accept queue is full Linux drops every further SYN.
 */
export async function openBlackHole(): Promise<BlackHole> {
  const address = '127.0.0.1';
  const wake = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(SLEEPER, { eval: true, workerData: { wake, address } });
  const port = await new Promise<number>((resolve, reject) => worker.once('message', resolve).once('error', reject));
  const fillers: Socket[] = [];
  // The queue takes a connection or two more than its backlog says; the first that gets no answer proves it full.
  while (await answers(address, port, fillers));
  return {
    address,
    port,
    async close() {
      for (const socket of fillers) socket.destroy();
      Atomics.store(wake, 0, 1);
      Atomics.notify(wake, 0);
      await worker.terminate();
    },
  };
}

const SLEEPER = `
  const { workerData, parentPort } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: workerData.address, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(workerData.wake, 0, 0);
  });
`;

function answers(address: string, port: number, kept: Socket[]): Promise<boolean> {
  const socket = connect(port, address);
  kept.push(socket);
  socket.on('error', () => {});
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), 300);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
