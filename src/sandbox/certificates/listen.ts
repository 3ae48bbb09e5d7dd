import type { Socket } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { openPort, type Port } from '../port.ts';
import { LEAVES } from './laid.ts';
import { loaded } from './loaded.ts';

/** A TLS listener of a simulated host: a port on loopback that stands for `port` of the host. */
export interface Listener {
  host: string;
  /** As the host calls it: 6443. */
  port: number;
  /** Name to ask for. */
  name?: string;
  starttls?: 'postgres';
  open: Port;
}

/** Opens a real TLS listener for every certificate of these hosts that is served. `rootOf` = where the files of a host stand. */
export function openListeners(rootOf: (host: string) => string): Promise<Listener[]> {
  return Promise.all(
    LEAVES.flatMap(({ host, serves, dns }) =>
      serves
        ? [
            (async (): Promise<Listener> => ({
              host,
              ...serves,
              ...(dns?.[0] !== undefined && { name: dns[0] }),
              open: await openPort(serving(rootOf(host), serves.port, serves.starttls === 'postgres')),
            }))(),
          ]
        : [],
    ),
  );
}

/** Each connection is greeted with what the service has read by then. */
function serving(root: string, port: number, postgres: boolean): (socket: Socket) => void {
  let server: { version: string; tls: Server } | undefined;
  const greet = (socket: Socket): void => {
    try {
      const { version, cert, key } = loaded(root, port);
      if (server?.version !== version) server = { version, tls: serverOf(cert, key) };
      server.tls.emit('connection', socket);
    } catch {
      // What it would serve is broken: as with a service that does not come up, nobody is there.
      socket.destroy();
    }
  };
  return (socket) => {
    if (!postgres) return greet(socket);
    socket.once('data', (first: Buffer) => {
      if (first.equals(SSL_REQUEST)) socket.write('S');
      else socket.unshift(first);
      socket.pause();
      greet(socket);
    });
  };
}

function serverOf(cert: string, key: string): Server {
  const server = createServer({ cert, key }, (socket) => {
    socket.on('error', () => {});
    socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  });
  return server.on('tlsClientError', (_, socket) => socket.destroy());
}

/** How a client of Postgres asks for TLS: length 8, code 80877103 (protocol 3, SSLRequest). */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
