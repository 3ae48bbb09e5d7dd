import { createConnection, type Socket } from 'node:net';
import { uniqueId } from '../lib/ids.ts';
import { Refusal } from '../lib/refusal.ts';
import { hearFrames, sendFrame } from './frames.ts';
import { type ToClient, type ToServer, trustedSocket } from './place.ts';

/** Connects to the running process of a data directory; `undefined` when none runs. Refuses to talk to a stranger's socket. */
export async function connectControl(dataDir: string): Promise<Socket | undefined> {
  const path = trustedSocket(dataDir);
  if (!path) return undefined;
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}

/** How long a client looks for a process that died under it, wall ms. */
const COME_BACK = 30_000;
const STAYED = 1000;

/**
 * Types one line and prints what comes. The line carries its own id: when the process dies under it, the client connects
 * to the next one and asks again, which does nothing twice and brings the answer.
 */
export async function typeLine(options: {
  dataDir: string;
  text: string;
  login: string;
  zone: string;
  print(text: string): void;
  warn(text: string): void;
  id?: string;
}): Promise<string | undefined> {
  const id = options.id ?? uniqueId();
  const { dataDir, text, login, zone } = options;
  let lostAt: number | undefined;
  while (lostAt === undefined || Date.now() - lostAt < COME_BACK) {
    const socket = await connectControl(dataDir);
    if (!socket && lostAt === undefined) return undefined;
    const began = Date.now();
    const outcome = socket && (await follow(socket, { op: 'line', id, text, login, zone }, options.print));
    if (outcome !== undefined) return outcome;
    // One that is lost again at once has not come back.
    if (lostAt === undefined || (socket && Date.now() - began > STAYED)) {
      lostAt = Date.now();
      options.warn('The connection to Holdfast was lost; waiting for it to come back. The line is asked for again, nothing is done twice.');
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Refusal(`Holdfast did not come back within ${COME_BACK / 1000} s. The line may have been taken: look with "holdfast exec 'show audit'".`);
}

function follow(socket: Socket, line: ToServer, print: (text: string) => void): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const seen = new Set<number>();
    socket.once('close', () => resolve(undefined));
    socket.on('error', () => socket.destroy());
    hearFrames<ToClient>(socket, (frame) => {
      if (frame.op === 'show') {
        if (!seen.has(frame.n)) print(frame.text);
        seen.add(frame.n);
        sendFrame(socket, { op: 'got', n: frame.n } satisfies ToServer);
      } else if (frame.op === 'ended') {
        resolve(frame.outcome);
        socket.end();
      } else if (frame.op === 'done' && !frame.ok) {
        reject(new Refusal(frame.says));
        socket.end();
      }
    });
    sendFrame(socket, line);
  });
}

/** One request with one answer: export, doctor. */
export function askControl(socket: Socket, request: ToServer): Promise<Extract<ToClient, { op: 'done' }>> {
  return new Promise((resolve, reject) => {
    socket.once('close', () => reject(new Refusal('Holdfast went away before it answered. Ask again.')));
    hearFrames<ToClient>(socket, (frame) => {
      if (frame.op !== 'done') return;
      resolve(frame);
      socket.end();
    });
    sendFrame(socket, request);
  });
}
