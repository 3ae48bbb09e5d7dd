import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Wire, Workspace } from './workspace.ts';

/** More are refused. */
const MOST_SOCKETS = 10;

/** The app's open connections in Socket Mode, and what can happen to them. */
export interface Sockets {
  ticket(base: string): string;
  /** Pings that came, from all of them. */
  pings: number;
  /** Those that had their hello and are not cut off. */
  count(): number;
  /** Sends to one of them; undefined when there is none. Resolves with what is acknowledged, whenever that is. */
  send(envelope: Wire): Promise<Wire> | undefined;
  /** Sends the very same envelope once more. */
  again(envelope: Wire): void;
  /** `disconnect` with this reason, to one or to all. */
  disconnect(reason: 'warning' | 'refresh_requested' | 'link_disabled' | 'too_many_websockets', all?: boolean): void;
  /** Sends this to all of them, whatever it is. */
  raw(frame: string): void;
  /** The TCP connections break. */
  cut(all?: boolean): void;
  /** Nothing is read or written any more and nothing is closed: a dead path. Ends with `thaw`. */
  freeze(all?: boolean): void;
  thaw(): void;
  /** New ones are accepted and never greeted. */
  noHello: boolean;
  /** They pong and hear, and are given nothing: the silence of a forgotten connection. */
  forgotten: boolean;
  close(): void;
}

interface One {
  ws: WebSocket;
  socket: Socket;
  greeted: boolean;
  frozen: boolean;
  /** It was told to go: nothing is sent to it any more. */
  told: boolean;
}

export function serveSockets(server: Server, workspace: Workspace): Sockets {
  const tickets = new Set<string>();
  const open: One[] = [];
  const awaited = new Map<string, (payload: Wire) => void>();
  let turn = 0;
  const wss = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const ticket = new URL(request.url ?? '', 'http://x').searchParams.get('ticket') ?? '';
    if (!tickets.delete(ticket)) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    wss.handleUpgrade(request, socket, head, (ws) => {
      const one: One = { ws, socket, greeted: false, frozen: false, told: false };
      open.push(one);
      ws.on('close', () => {
        open.splice(open.indexOf(one), 1);
        workspace.changed();
      });
      ws.on('error', () => {});
      ws.on('ping', () => {
        sockets.pings += 1;
        workspace.changed();
      });
      ws.on('message', (data) => {
        if (one.frozen) return;
        const { envelope_id: id, payload } = JSON.parse(String(data)) as { envelope_id: string; payload: Wire };
        awaited.get(id)?.(payload);
      });
      if (open.length > MOST_SOCKETS) {
        ws.send(JSON.stringify({ type: 'disconnect', reason: 'too_many_websockets' }));
        return;
      }
      if (sockets.noHello) return;
      one.greeted = true;
      ws.send(
        JSON.stringify({
          type: 'hello',
          num_connections: open.length,
          debug_info: { host: 'fake', build_number: 1, approximate_connection_time: 18_060 },
          connection_info: { app_id: workspace.app },
        }),
      );
      workspace.changed();
    });
  });
  const ready = (): One[] => open.filter(({ ws, greeted, frozen, told }) => greeted && !frozen && !told && ws.readyState === ws.OPEN);
  const some = (all: boolean | undefined): One[] => (all ? [...open] : open.slice(0, 1));
  const sockets: Sockets = {
    pings: 0,
    noHello: false,
    forgotten: false,
    ticket(base) {
      const ticket = workspace.id('ticket');
      tickets.add(ticket);
      return `${base.replace('http', 'ws')}/link/?ticket=${ticket}&app_id=${workspace.app}`;
    },
    count: () => ready().length,
    send(envelope) {
      // Slack does not know of a dead path, and sends into it.
      const able = open.filter(({ ws, greeted, told }) => greeted && !told && ws.readyState === ws.OPEN);
      const one = able[turn++ % Math.max(1, able.length)];
      if (!one || sockets.forgotten) return undefined;
      const acked = new Promise<Wire>((resolve) => awaited.set(envelope.envelope_id, resolve));
      if (!one.frozen) one.ws.send(JSON.stringify(envelope));
      return acked;
    },
    again(envelope) {
      const able = ready();
      able[turn++ % Math.max(1, able.length)]?.ws.send(JSON.stringify(envelope));
    },
    disconnect(reason, all) {
      for (const one of some(all)) {
        one.told = true;
        one.ws.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'fake' } }));
      }
    },
    raw(frame) {
      for (const { ws } of open) ws.send(frame);
    },
    cut(all) {
      for (const { socket } of some(all)) socket.destroy();
    },
    freeze(all) {
      for (const one of some(all)) {
        one.frozen = true;
        one.socket.pause();
      }
    },
    thaw() {
      for (const one of open) {
        one.frozen = false;
        one.socket.resume();
      }
    },
    close() {
      for (const { socket } of open) socket.destroy();
      wss.close();
    },
  };
  return sockets;
}
