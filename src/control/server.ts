import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { Lines } from '../chat/lines.ts';
import type { Attached } from '../deliver/attached.ts';
import { crashPoint } from '../lib/crash.ts';
import { errorId } from '../lib/ids.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Log } from '../ops.ts';
import { isZone } from '../zone.ts';
import { hearFrames, sendFrame } from './frames.ts';
import { socketPath, type ToClient, type ToServer } from './place.ts';

/**
 * Lets `holdfast exec`, `export`, `publish`, `doctor` and `stop` talk to this process. The socket is for its owner alone (0600);
 * who connects is one of them or root, and says which login it is for the audit.
 */
export async function serveControl(options: {
  dataDir: string;
  lines: Lines;
  attached: Attached;
  log: Log;
  actorOf(login: string): string;
  export(file: string): Promise<string>;
  publish(dir: string): Promise<string>;
  doctor(): Promise<unknown>;
  hello(): Promise<string>;
}): Promise<{ /** Takes no more clients; resolves when those there are have what they asked for. */ finish(): Promise<void>; close(): Promise<void> }> {
  const path = socketPath(options.dataDir);
  // The directory's lock is ours: what lies here is from a process that is no more.
  rmSync(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    serve(socket, options);
  });
  await listen(server, path, options.log);
  let finished: Promise<void> | undefined;
  const finish = (): Promise<void> => {
    finished ??= new Promise((resolve) => server.close(() => resolve()));
    return finished;
  };
  return {
    finish,
    close() {
      for (const socket of sockets) socket.destroy();
      return finish();
    },
  };
}

type Services = Parameters<typeof serveControl>[0];

function serve(socket: Socket, services: Services): void {
  const received = new Map<number, () => void>();
  let shown = 0;
  const print = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      if (socket.destroyed) return reject(new Error('the client went away'));
      const n = ++shown;
      received.set(n, resolve);
      socket.once('close', () => reject(new Error('the client went away')));
      tell(socket, { op: 'show', n, text });
    });
  socket.setMaxListeners(0);
  hearFrames<ToServer>(socket, (frame) => {
    if (frame.op === 'got') {
      received.get(frame.n)?.();
      received.delete(frame.n);
    } else if (frame.op === 'line') {
      if (isLine(frame)) void line(frame).catch(failed);
      else socket.destroy();
    } else if (frame.op === 'export') void services.export(frame.file).then((says) => tell(socket, { op: 'done', ok: true, says }), failed);
    else if (frame.op === 'publish') void services.publish(frame.dir).then((says) => tell(socket, { op: 'done', ok: true, says }), failed);
    else if (frame.op === 'ask')
      void (frame.what === 'hello' ? services.hello() : services.doctor()).then((data) => tell(socket, { op: 'done', ok: true, says: '', data }), failed);
    else tell(socket, { op: 'done', ok: false, says: 'This Holdfast does not know what it was asked. Use the holdfast command of the same version.' });
  });
  const line = async (frame: Extract<ToServer, { op: 'line' }>): Promise<void> => {
    const channel = `exec:${frame.id}`;
    const detach = services.attached.attach(channel, print);
    socket.once('close', detach);
    const inboxId = await services.lines.take({
      eventId: frame.id,
      actor: services.actorOf(frame.login),
      place: { platform: 'terminal', channel, zone: isZone(frame.zone) ? frame.zone : 'UTC', login: frame.login },
      text: frame.text,
    });
    tell(socket, { op: 'taken', id: frame.id });
    crashPoint('inbox.acknowledged');
    tell(socket, { op: 'ended', id: frame.id, outcome: await services.lines.ended(inboxId) });
    detach();
  };
  const failed = (error: unknown): void => {
    if (error instanceof Refusal) {
      tell(socket, { op: 'done', ok: false, says: error.message });
      return;
    }
    const id = errorId();
    services.log.error({ err: error, id }, 'a control request failed');
    tell(socket, { op: 'done', ok: false, says: `Something of ours failed (${id}); the log has the details under that id. Not taken: try again.` });
  };
}

const isLine = ({ id, text, login, zone }: Extract<ToServer, { op: 'line' }>): boolean => [id, text, login, zone].every((part) => typeof part === 'string');

const tell = (socket: Socket, frame: ToClient): void => sendFrame(socket, frame);

function listen(server: Server, path: string, log: Log): Promise<void> {
  return new Promise((resolve, reject) => {
    server.on('error', (error) => {
      reject(error);
      if (server.listening) log.warn({ err: error }, 'a client could not be let in');
    });
    // Created closed to others: a chmod afterwards alone would leave a moment in which anybody connects.
    const mask = process.umask(0o177);
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve();
    });
    process.umask(mask);
  });
}
