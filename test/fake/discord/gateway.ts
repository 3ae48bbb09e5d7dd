import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { type State, theServer, wireUser } from './state.ts';

interface Session {
  id: string;
  seq: number;
  /** What a RESUME is given again. */
  sent: { s: number; t: string; d: unknown }[];
  socket?: WebSocket;
  intents: number;
}

/** The Gateway as Discord speaks it, and the ways in which it fails. */
export interface Gateway {
  accept(request: IncomingMessage, socket: Socket, head: Buffer): void;
  /** Sends an event to every living session; those without a socket get it with a RESUME. */
  dispatch(type: string, data: unknown): void;
  /** op 7. */
  askReconnect(): void;
  /** op 9. */
  invalidate(resumable: boolean): void;
  /** Closes from the server's side. */
  shut(code: number): void;
  /** TCP ends without a word. */
  drop(): void;
  /** The path is dead: nothing comes and goes, and nobody says so. */
  blackHole(): void;
  /** Wall ms; said in the next HELLO. */
  heartbeat: number;
  /** Heartbeats are taken and not answered. */
  mute: boolean;
  /** RESUME is taken and not answered. */
  ignoreResume: boolean;
  /** Sockets are refused. */
  refuse: boolean;
  /** The next IDENTIFY or RESUME is answered with this close. */
  closeIdentify: number | undefined;
  /** Every event is delivered twice. */
  twice: boolean;
  /** How often each op came. */
  heard: Record<number, number>;
  connected(): number;
  ready(): boolean;
  close(): void;
}

const FATAL = new Set([4004, 4010, 4011, 4012, 4013, 4014]);

export function openGateway(state: State, url: () => string): Gateway {
  const server = new WebSocketServer({ noServer: true });
  const sessions = new Map<string, Session>();
  const holes = new Set<WebSocket>();
  const sockets = new Map<WebSocket, Socket>();

  const send = (socket: WebSocket | undefined, frame: object): void => {
    if (socket && socket.readyState === 1 && !holes.has(socket)) socket.send(JSON.stringify(frame));
  };
  const give = (session: Session, t: string, d: unknown): void => {
    session.seq += 1;
    session.sent.push({ s: session.seq, t, d });
    send(session.socket, { op: 0, t, s: session.seq, d });
  };
  const living = (): WebSocket[] => [...sockets.keys()].filter((socket) => !holes.has(socket));

  const gateway: Gateway = {
    heartbeat: 41_250,
    mute: false,
    ignoreResume: false,
    refuse: false,
    closeIdentify: undefined,
    twice: false,
    heard: {},
    accept(request, raw, head) {
      if (gateway.refuse) return void raw.destroy();
      server.handleUpgrade(request, raw, head, (socket) => {
        sockets.set(socket, raw);
        socket.on('close', () => {
          sockets.delete(socket);
          for (const session of sessions.values()) if (session.socket === socket) delete session.socket;
          state.changed.emit('changed');
        });
        socket.on('error', () => undefined);
        socket.on('message', (data) => void (holes.has(socket) || hear(socket, String(data))));
        send(socket, { op: 10, d: { heartbeat_interval: gateway.heartbeat }, s: null, t: null });
      });
    },
    dispatch(type, data) {
      for (const session of sessions.values()) {
        give(session, type, data);
        if (gateway.twice) give(session, type, data);
      }
    },
    askReconnect: () => living().forEach((socket) => void send(socket, { op: 7, d: null, s: null, t: null })),
    invalidate(resumable) {
      if (!resumable) sessions.clear();
      for (const socket of living()) send(socket, { op: 9, d: resumable, s: null, t: null });
    },
    shut(code) {
      if (FATAL.has(code) || code === 1000) sessions.clear();
      for (const socket of living()) socket.close(code);
    },
    drop: () => sockets.forEach((raw) => void raw.destroy()),
    blackHole() {
      for (const [socket, raw] of sockets) {
        holes.add(socket);
        raw.pause();
      }
    },
    connected: () => sockets.size,
    ready: () => [...sessions.values()].some(({ socket }) => socket && !holes.has(socket)),
    close() {
      for (const raw of sockets.values()) raw.destroy();
      server.close();
    },
  };

  const hear = (socket: WebSocket, text: string): void => {
    if (Buffer.byteLength(text) > 4096) {
      state.violations.push(`a gateway frame of ${Buffer.byteLength(text)} bytes; Discord takes 4096`);
      socket.close(4002);
      return;
    }
    const { op, d } = JSON.parse(text) as { op: number; d: never };
    gateway.heard[op] = (gateway.heard[op] ?? 0) + 1;
    if (op === 1 && !gateway.mute) send(socket, { op: 11, d: null, s: null, t: null });
    else if (op === 2) identify(socket, d);
    else if (op === 6) resume(socket, d);
    state.changed.emit('changed');
  };
  const refused = (socket: WebSocket, token: unknown): boolean => {
    const code = gateway.closeIdentify ?? (token === state.token ? undefined : 4004);
    if (code === undefined) return false;
    socket.close(code);
    return true;
  };
  const identify = (socket: WebSocket, d: { token: string; intents: number; properties?: object; shard?: [number, number] }): void => {
    if (refused(socket, d.token)) return;
    const privileged = [1, 8, 15].filter((bit) => d.intents & (1 << bit));
    if (privileged.length > 0) {
      socket.close(4014);
      return;
    }
    if (!d.properties) state.violations.push('IDENTIFY without properties');
    const session: Session = { id: `session-${state.id()}`, seq: 0, sent: [], socket, intents: d.intents };
    sessions.clear();
    sessions.set(session.id, session);
    give(session, 'READY', {
      v: 10,
      user: wireUser(state, state.bot),
      guilds: [{ id: state.server, unavailable: true }],
      session_id: session.id,
      resume_gateway_url: url(),
      application: { id: state.application, flags: 0 },
    });
    give(session, 'GUILD_CREATE', theServer(state));
    state.changed.emit('ready');
  };
  const resume = (socket: WebSocket, d: { token: string; session_id: string; seq: number }): void => {
    if (refused(socket, d.token) || gateway.ignoreResume) return;
    const session = sessions.get(d.session_id);
    if (!session) {
      send(socket, { op: 9, d: false, s: null, t: null });
      return;
    }
    session.socket = socket;
    for (const { s, t, d: data } of session.sent.filter((one) => one.s > d.seq)) send(socket, { op: 0, t, s, d: data });
    give(session, 'RESUMED', {});
    state.changed.emit('ready');
  };
  return gateway;
}
