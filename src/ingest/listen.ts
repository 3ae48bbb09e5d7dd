import { createServer, type Server, STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Refusal } from '../lib/refusal.ts';
import type { Log } from '../ops.ts';

/** How long and how much a client may take; wall ms. */
export interface Limits {
  /** Until the whole head is there. */
  head: number;
  /** Until the whole request is there. */
  request: number;
  /** An unused connection. */
  idle: number;
  /** At the end, for answers in hand. */
  finish: number;
  connections: number;
}

export const LIMITS: Limits = { head: 5_000, request: 10_000, idle: 5_000, finish: 1_500, connections: 256 };

export interface Listener {
  /** `http://127.0.0.1:8081` */
  url: string;
  /** The port that was wanted and is another's. */
  taken?: number;
  /** Takes nothing more; what is in hand gets its answer, within `finish`. */
  close(): Promise<void>;
}

/** Listens with limits on everything a client sends. A taken port gives way to a free one. Refuses an address or port that is not ours. */
export async function listenAt(options: {
  host: string;
  port: number;
  log: Log;
  limits: Limits;
  /** How the port and the address are set, where they have to be mended. */
  said?: { port: string; section: string };
  /** `env`: the connection itself, for answers that stay open. */
  fetch(request: Request, env: object): Response | Promise<Response>;
}): Promise<Listener> {
  const { host, port, log, limits } = options;
  const answer = getRequestListener(options.fetch, {
    overrideGlobalObjects: false,
    errorHandler: () =>
      new Response(JSON.stringify(sayWrong('This is no HTTP request this listener can read.')), {
        status: 400,
        headers: { 'content-type': 'application/json' },
      }),
  });
  const server = createServer(
    {
      headersTimeout: limits.head,
      requestTimeout: limits.request,
      keepAliveTimeout: limits.idle,
      // How often the two above are looked at; the default of 30 s would be their real value.
      connectionsCheckingInterval: Math.min(1000, limits.head),
      maxHeaderSize: 16 * 1024,
    },
    (request, response) => void answer(request, response),
  );
  server.maxConnections = limits.connections;
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => refuseBroken(error, socket));
  const taken = await open(server, host, port, options.said ?? { port: 'PRIVATE_PORT', section: 'listen.private' });
  server.on('error', (error) => log.warn({ err: error }, 'a client could not be let in'));
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    ...(taken && { taken: port }),
    close: () => close(server, limits.finish),
  };
}

/** Whether the wanted port was another's. */
async function open(server: Server, host: string, port: number, said: { port: string; section: string }): Promise<boolean> {
  try {
    await listening(server, host, port);
    return false;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE' && port !== 0) {
      await listening(server, host, 0);
      return true;
    }
    if (code === 'EACCES')
      throw new Refusal(`Port ${port} is for root: listen on one above 1023 (${said.port}, or \`${said.section}.port\` in holdfast.yaml).`);
    if (code === 'EADDRNOTAVAIL') throw new Refusal(`${host} is no address of this machine: mend \`${said.section}.host\` in holdfast.yaml.`);
    throw error;
  }
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function close(server: Server, patience: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const late = setTimeout(() => server.closeAllConnections(), patience);
  await closed;
  clearTimeout(late);
}

/** What the parser itself refuses: a head that is too large, late or no HTTP at all. */
function refuseBroken(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const body = JSON.stringify(sayWrong(`${STATUS_CODES[status]}.`));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

const sayWrong = (what: string): { what: string } => ({ what });
