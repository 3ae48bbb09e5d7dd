import { randomInt } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { swallowPackets } from './swallow.ts';

/** What the network finds at a host's port: a server, nobody, nothing at all, or a server that never says a word. */
export type PortState = 'open' | 'refused' | 'swallowed' | 'silent';

export interface Port {
  readonly number: number;
  /** Connections of before die with `refused`, hang with `swallowed` and `silent`, and go on with `open`. */
  become(state: PortState): Promise<void>;
  close(): Promise<void>;
}

/** Takes a free port on 127.0.0.1 and gives every connection to `serve` while it is open. */
export async function openPort(serve: (socket: Socket) => void): Promise<Port> {
  let state: PortState = 'open';
  let closed = false;
  let swallower: { end(): Promise<void> } | undefined;
  const served = new Set<Socket>();
  const unserved = new Set<Socket>();

  const listener = createServer((socket) => {
    const list = state === 'open' ? served : unserved;
    list.add(socket);
    socket.on('error', () => {}).once('close', () => list.delete(socket));
    if (state === 'open') serve(socket);
    else socket.resume(); // read, so that the end of a caller that gave up is noticed
  });
  const number = await listenSomewhere(listener);

  const move = async (to: PortState): Promise<void> => {
    if (closed || to === state) return;
    state = to;
    for (const socket of unserved) socket.destroy();
    for (const socket of served) {
      if (to === 'refused') socket.destroy();
      else if (to === 'open') thaw(socket);
      else freeze(socket);
    }
    await swallower?.end();
    swallower = undefined;
    try {
      if (to === 'refused' || to === 'swallowed') stopListening(listener);
      else if (!listener.listening) await listen(listener, number);
      if (to === 'swallowed') swallower = await swallowPackets(number);
    } catch (error) {
      state = 'refused'; // what is true now, so that the next try is one
      throw error;
    }
  };

  let last: Promise<void> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn;
  };
  return {
    number,
    become: (to) => inTurn(() => move(to)),
    close: () =>
      inTurn(async () => {
        closed = true;
        for (const socket of [...served, ...unserved]) socket.destroy();
        stopListening(listener);
        await swallower?.end();
      }),
  };
}

/** Several ports of one host: what becomes of the first becomes of all. */
export function together(first: Port, others: readonly Port[]): Port {
  const all = [first, ...others];
  const each = async (work: (port: Port) => Promise<void>): Promise<void> => {
    await Promise.all(all.map(work));
  };
  return { number: first.number, become: (state) => each((port) => port.become(state)), close: () => each((port) => port.close()) };
}

/** Corked as well as paused: what is being answered must not get out either. */
function freeze(socket: Socket): void {
  if (socket.isPaused()) return;
  socket.pause();
  socket.cork();
}

function thaw(socket: Socket): void {
  if (!socket.isPaused()) return;
  socket.uncork();
  socket.resume();
}

/** Not awaited: `close` reports back only when the last connection is gone, and frozen ones stay. */
function stopListening(listener: Server): void {
  if (listener.listening) listener.close();
}

/**
 * Below the range from which systems take ports of their own accord. While a host is dead its port is free: a caller
 * could be given that very number and connect to itself, or another program could take it.
 */
const [LOWEST, HIGHEST] = [20_000, 32_000];

async function listenSomewhere(listener: Server): Promise<number> {
  for (let tries = 0; ; tries++) {
    const port = randomInt(LOWEST, HIGHEST);
    try {
      await listen(listener, port);
      return port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || tries === 50) throw error;
    }
  }
}

function listen(listener: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    listener.once('error', reject);
    listener.listen({ port, host: '127.0.0.1' }, () => {
      listener.off('error', reject);
      resolve();
    });
  });
}
