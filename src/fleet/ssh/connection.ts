import type { Duplex } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import { oneLine, seconds, Unreached } from './unreached.ts';

/** sshd's MaxSessions is 10 unless told otherwise, and it still counts a session for a moment after it has closed it: so half. */
const SESSIONS = 5;

/** One logged-in SSH connection. Whoever uses it `enter`s and `leave`s; the pool closes what nobody is in. */
export class Connection {
  /** Broken: it can carry nothing more. */
  dead = false;
  /** Takes no new calls; closed once nobody is in. */
  retired = false;
  /** Sessions and connections that go through it, now. */
  users = 0;
  /** `performance.now()` of the last leave. */
  idleSince = performance.now();
  /** Calls it has carried; 0 = fresh. */
  calls = 0;
  readonly #client: Client;
  readonly #stream: Duplex;
  readonly #waiting: (() => void)[] = [];
  readonly #onClose: () => void;
  #sessions = 0;

  constructor(client: Client, stream: Duplex, onClose: () => void) {
    this.#client = client;
    this.#stream = stream;
    this.#onClose = onClose;
    client.on('error', () => this.#died());
    client.on('end', () => this.#died());
    client.on('close', () => this.#died());
  }

  enter(): void {
    this.users++;
  }

  leave(): void {
    this.users--;
    this.idleSince = performance.now();
    if (this.retired && this.users === 0) this.close();
  }

  retire(): void {
    this.retired = true;
    if (this.users === 0) this.close();
  }

  /** A session whose command (command.ts) the host has accepted. Throws NotAccepted otherwise, also when the host does not say within `timeout` ms. */
  async startShell(command: string, timeout: number): Promise<ClientChannel> {
    while (this.#sessions >= SESSIONS && !this.dead) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#sessions++;
    this.calls++;
    try {
      const channel = await this.#ask<ClientChannel>(timeout, 'start a shell', (answer) => this.#client.exec(command, answer));
      channel.once('close', () => this.#sessionOver());
      return channel;
    } catch (error) {
      this.#sessionOver();
      throw error;
    }
  }

  /** A stream to `address:port` as seen from the host at the other end. */
  forward(address: string, port: number, timeout: number): Promise<Duplex> {
    return this.#ask<Duplex>(timeout, `open ${address} port ${port}`, (answer) => this.#client.forwardOut('127.0.0.1', 0, address, port, answer));
  }

  /** Takes no more calls; the sessions that run are cut off. */
  close(): void {
    this.#died();
    try {
      this.#client.end();
    } catch {
      // it broke before it could say goodbye
    }
    this.#stream.destroy();
  }

  #ask<T extends Duplex>(timeout: number, what: string, start: (answer: (error: Error | undefined, stream: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        reject(new NotAccepted(`logged in, but the host did not ${what} within ${seconds(timeout)}`, 'silent'));
      }, timeout);
      timer.unref();
      try {
        if (this.dead) throw new Error('the connection is closed');
        start((error, stream) => {
          clearTimeout(timer);
          if (error) return reject(new NotAccepted(oneLine(error.message), this.dead ? 'lost' : 'refused'));
          stream.on('error', () => {});
          if (late) stream.destroy();
          else resolve(stream);
        });
      } catch (error) {
        clearTimeout(timer);
        reject(new NotAccepted(oneLine((error as Error).message), 'lost'));
      }
    });
  }

  #sessionOver(): void {
    this.#sessions--;
    this.#waiting.shift()?.();
  }

  #died(): void {
    if (this.dead) return;
    this.dead = true;
    for (const wake of this.#waiting.splice(0)) wake();
    this.#onClose();
  }
}

/** What was asked of an open connection was not begun at the other end: it may be asked again elsewhere. */
export class NotAccepted extends Unreached {
  readonly how: 'silent' | 'refused' | 'lost';
  constructor(detail: string, how: NotAccepted['how']) {
    super('exec-timeout', detail);
    this.how = how;
  }
}
