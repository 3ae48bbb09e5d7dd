import { connect, type Socket } from 'node:net';
import { oneLine, seconds, Unreached } from './unreached.ts';

/**
 * A TCP connection to `address`, a name or a number, within `timeout` wall ms; `signal` destroys it, open or not.
 * Throws Unreached: `refused` or `unroutable`.
 */
export function dial(address: string, port: number, timeout: number, signal?: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: address,
      port,
      noDelay: true,
      // The kernel asks a silent peer every second from 15 s on and gives up after ten: a host that died is noticed at no cost to us.
      keepAlive: true,
      keepAliveInitialDelay: 15_000,
      // Node's 250 ms per address would give up the only address that works on a slow line.
      autoSelectFamilyAttemptTimeout: Math.max(250, Math.floor(timeout / 3)),
    });
    if (signal) endWith(signal, socket);
    const timer = setTimeout(() => fail(new Unreached('unroutable', `no answer from ${address} port ${port} within ${seconds(timeout)}`)), timeout);
    timer.unref();
    const fail = (why: Unreached) => {
      clearTimeout(timer);
      socket.destroy();
      reject(why);
    };
    socket.on('error', (error: NodeJS.ErrnoException) => fail(notReached(error, address, port)));
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
  });
}

/** Not by `connect`'s own option: with it Node 20 keeps every socket of the past, and all that hangs on it, as long as the signal lives. */
function endWith(signal: AbortSignal, socket: Socket): void {
  const end = () => socket.destroy(new Error('given up'));
  if (signal.aborted) end();
  signal.addEventListener('abort', end);
  socket.once('close', () => signal.removeEventListener('abort', end));
}

/** With several addresses one that refuses says more than one that is silent: there is a machine. */
function notReached(error: NodeJS.ErrnoException & { errors?: NodeJS.ErrnoException[] }, address: string, port: number): Unreached {
  const codes = [error, ...(error.errors ?? [])].map(({ code }) => code ?? '');
  const where = `${address} port ${port}`;
  if (codes.includes('ECONNREFUSED') || codes.includes('ECONNRESET')) return new Unreached('refused', `${where} refused the connection`);
  if (codes.includes('ENOTFOUND')) return new Unreached('unroutable', `no such name: ${address}`);
  if (codes.includes('EAI_AGAIN')) return new Unreached('unroutable', `the name ${address} could not be looked up just now`);
  if (codes.includes('ENETUNREACH')) return new Unreached('unroutable', `no route to the network of ${where}`);
  if (codes.includes('EHOSTUNREACH')) return new Unreached('unroutable', `no route to ${where}`);
  if (codes.includes('ETIMEDOUT')) return new Unreached('unroutable', `no answer from ${where}`);
  return new Unreached('unroutable', `${where}: ${oneLine(error.message || codes.join(' '))}`);
}
