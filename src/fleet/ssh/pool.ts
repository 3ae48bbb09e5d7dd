import { setMaxListeners } from 'node:events';
import type { Duplex } from 'node:stream';
import type { Host } from '../host.ts';
import { Connection, NotAccepted } from './connection.ts';
import { dial } from './dial.ts';
import { handshake } from './handshake.ts';
import { hostKeyBook } from './host-key.ts';
import { planLogin } from './identities.ts';
import type { Limits } from './limits.ts';
import { type Way, wayTo } from './route.ts';
import { loginTurns } from './turns.ts';
import { seconds, Unreached } from './unreached.ts';

export interface Pool {
  /** A connection to `host`, `enter`ed: open already, being opened for somebody else, or new. Throws Unreached. */
  lease(host: Host): Promise<Connection>;
  /** A stream to the SSH port of `host`, through its jump hosts, and what to call when done with it. Throws Unreached. */
  reach(host: Host): Promise<Reached>;
  open(): number;
  close(): void;
}

interface Reached {
  stream: Duplex;
  done(): void;
}

/** Connections by way, one each, kept until they were idle for a while or there are too many. */
export function openPool(limits: Limits): Pool {
  /** In order of last use, the longest unused first. */
  const open = new Map<string, Connection>();
  const opening = new Map<string, Promise<Connection>>();
  const failedJumps = new Map<string, { why: Unreached; until: number }>();
  const ways = new WeakMap<Host, Way>();
  const turn = loginTurns();
  const end = new AbortController();
  setMaxListeners(0, end.signal);
  let sweeper: NodeJS.Timeout | undefined;
  let closed = false;

  const way = (host: Host): Way => {
    const known = ways.get(host) ?? wayTo(host, limits);
    ways.set(host, known);
    return known;
  };

  async function lease(to: Way): Promise<Connection> {
    for (;;) {
      const ready = open.get(to.key);
      if (ready && !ready.dead && !ready.retired) {
        open.delete(to.key);
        open.set(to.key, ready);
        ready.enter();
        return ready;
      }
      const underWay = opening.get(to.key);
      if (underWay) await underWay;
      else {
        const attempt = connect(to).finally(() => opening.delete(to.key));
        opening.set(to.key, attempt);
        const connection = await attempt;
        connection.enter();
        return connection;
      }
    }
  }

  function connect(to: Way): Promise<Connection> {
    return turn(`${to.via?.key ?? ''}>${to.host.address}:${to.host.port}`, sharesFate, async () => {
      try {
        return await logIn(to);
      } catch (error) {
        if (!(error instanceof Unreached && error.hungUp) || closed) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 300));
        return logIn(to);
      }
    });
  }

  async function logIn(to: Way): Promise<Connection> {
    const { host } = to;
    const { stream, done } = await reach(to);
    const user = host.user ?? limits.user;
    const agent = host.ssh.agent ?? limits.agent;
    const login = planLogin({ user, own: host.ssh.identityFiles, shared: limits.identityFiles, ...(agent && { agent }) });
    try {
      const client = await handshake(stream, { user, book: hostKeyBook(host, limits), login, banner: limits.banner, auth: limits.auth });
      const connection: Connection = new Connection(client, stream, () => {
        if (open.get(to.key) === connection) open.delete(to.key);
        done();
      });
      if (closed) connection.close();
      else keep(to.key, connection);
      return connection;
    } catch (error) {
      done();
      throw error;
    }
  }

  /** A jump host's connection is in use as long as the stream it carries. */
  async function reach(to: Way, again = false): Promise<Reached> {
    const { host, via } = to;
    if (!via) return { stream: await dial(host.address, host.port, limits.connect, end.signal), done: () => {} };
    const jump = await leaseJump(via);
    const reused = jump.calls++ > 0;
    try {
      return { stream: await jump.forward(host.address, host.port, limits.connect), done: once(() => jump.leave()) };
    } catch (error) {
      const lost = error instanceof NotAccepted && error.how === 'lost';
      if (lost) jump.retire();
      jump.leave();
      if (lost && reused && !again) return reach(to, true);
      throw error instanceof NotAccepted ? beyond(via.host.name, error, host, limits.connect) : error;
    }
  }

  /** A jump host that could not be reached is left alone for a while: those behind it are told at once. */
  async function leaseJump(via: Way): Promise<Connection> {
    const failed = failedJumps.get(via.key);
    if (failed && failed.until > performance.now()) throw failed.why;
    try {
      const connection = await lease(via);
      failedJumps.delete(via.key);
      return connection;
    } catch (error) {
      if (!(error instanceof Unreached)) throw error;
      const said = error.message.startsWith('jump host ') ? error.message : `jump host ${via.host.name}: ${error.reach}: ${error.message}`;
      const why = new Unreached('unroutable', said);
      failedJumps.set(via.key, { why, until: performance.now() + JUMP_REST });
      throw why;
    }
  }

  function keep(key: string, connection: Connection): void {
    open.set(key, connection);
    for (const old of open.values()) {
      if (open.size <= limits.open) break;
      if (old.users === 0 && old !== connection) old.close();
    }
    sweeper ??= setInterval(sweep, Math.max(20, Math.min(15_000, limits.idle / 4))).unref();
  }

  function sweep(): void {
    const before = performance.now() - limits.idle;
    for (const connection of open.values()) if (connection.users === 0 && connection.idleSince < before) connection.close();
    if (open.size) return;
    clearInterval(sweeper);
    sweeper = undefined;
  }

  return {
    lease: async (host) => lease(way(host)),
    reach: async (host) => reach(way(host)),
    open: () => open.size,
    close() {
      closed = true;
      clearInterval(sweeper);
      // The last opened first: it may go through those before it.
      for (const connection of [...open.values()].reverse()) connection.close();
      end.abort();
    },
  };
}

/** How long a jump host that failed is not tried again. */
const JUMP_REST = 10_000;

/** What a port did not do for one name it does not do for the next that waits for it. */
const sharesFate = (error: unknown): boolean => error instanceof Unreached && (error.reach === 'unroutable' || error.reach === 'refused');

function beyond(jump: string, error: NotAccepted, host: Host, timeout: number): Unreached {
  const where = `${host.address} port ${host.port}`;
  if (error.how === 'silent') return new Unreached('unroutable', `no answer from ${where} through ${jump} within ${seconds(timeout)}`);
  if (error.how === 'lost') return new Unreached('unroutable', `jump host ${jump}: the connection was lost`);
  const said = error.message.replace(/^\(SSH\) Channel open failure: /, '');
  if (/refused/i.test(said)) return new Unreached('refused', `${where} refused the connection from ${jump}`);
  if (/prohibited|not allowed/i.test(said)) return new Unreached('unroutable', `jump host ${jump}: it does not forward connections (${said})`);
  return new Unreached('unroutable', `${where} is not reached from ${jump}: ${said}`);
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    act();
  };
}
