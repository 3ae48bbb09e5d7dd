import { Duplex } from 'node:stream';
import type { Checkout, Holder } from './checkout.ts';
import type { Thread } from './thread.ts';

/**
 * What `pg` takes for a socket to a Postgres server. Any number of them share the one session of PGlite: messages are
 * collected up to the end of a query, wait for the checkout, and the checkout is kept while Postgres says that a
 * transaction is open. So a BEGIN on one connection never meets a query of another, whoever sends it.
 */
export class Wire extends Duplex implements Holder {
  doing = '';
  idleSince = Date.now();
  private started = false;
  private inTransaction = false;
  private pending: Buffer = Buffer.alloc(0);
  private batch: Buffer[] = [];
  private turn: Promise<void> = Promise.resolve();
  private readonly shared: { thread: Thread; checkout: Checkout; wires: Set<Wire> };
  private readonly schema: string;

  constructor(shared: { thread: Thread; checkout: Checkout; wires: Set<Wire> }, schema: string) {
    super();
    this.shared = shared;
    this.schema = schema;
    shared.wires.add(this);
  }

  /** `pg` calls it as it would a socket's. */
  connect(): void {
    process.nextTick(() => this.emit('connect'));
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.pending = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    for (let message = this.nextMessage(); message; message = this.nextMessage()) this.hear(message);
    done();
  }

  override _final(done: (error?: Error) => void): void {
    this.push(null);
    done();
    this.destroy();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.shared.wires.delete(this);
    this.turn = this.turn.then(() => this.letGo());
    done(error);
  }

  evict(): void {
    this.destroy(new Error(`a transaction held the embedded database too long and was rolled back (${this.doing})`));
  }

  /** The thread died, and its transactions with it: nothing of them may go on in the next one. */
  lost(error: Error): void {
    this.inTransaction = false;
    this.destroy(error);
  }

  /** A notification of Postgres that came with somebody else's answer. */
  notified(message: Buffer): void {
    if (this.started) this.push(message);
  }

  private nextMessage(): Buffer | undefined {
    // The startup message has no type byte.
    const header = this.started ? 1 : 0;
    if (this.pending.length < header + 4) return undefined;
    const length = header + this.pending.readInt32BE(header);
    if (this.pending.length < length) return undefined;
    const message = this.pending.subarray(0, length);
    this.pending = this.pending.subarray(length);
    return message;
  }

  private hear(message: Buffer): void {
    if (!this.started) {
      this.started = true;
      this.push(GREETING);
      return;
    }
    const type = String.fromCharCode(message[0] as number);
    if (type === 'X') return;
    if (type === 'Q' || type === 'P') this.doing = saidSql(message, type);
    this.batch.push(message);
    // Query, Sync and Flush are what Postgres answers; anything before them waits here.
    if (type !== 'Q' && type !== 'S' && type !== 'H') return;
    const messages = Buffer.concat(this.batch);
    this.batch = [];
    this.turn = this.turn.then(() => this.send(messages)).catch((error) => void this.destroy(error));
  }

  private async send(messages: Buffer): Promise<void> {
    if (this.destroyed) return;
    await this.shared.checkout.take(this);
    if (this.destroyed) return this.letGo();
    this.idleSince = 0;
    let answer: Buffer;
    try {
      answer = Buffer.from(await this.shared.thread.run(messages, this.schema));
    } catch (error) {
      this.lost(error as Error);
      throw error;
    } finally {
      this.idleSince = Date.now();
    }
    const { notifications, state } = look(answer);
    this.inTransaction = state !== 'I';
    if (!this.inTransaction) this.shared.checkout.release(this);
    this.push(answer);
    for (const wire of this.shared.wires) if (wire !== this) for (const one of notifications) wire.notified(one);
  }

  /** The connection is gone: what it began is rolled back before anybody else has the session. */
  private async letGo(): Promise<void> {
    if (this.inTransaction) {
      this.inTransaction = false;
      await this.shared.thread.run(ROLLBACK, this.schema).catch(() => {});
    }
    this.shared.checkout.release(this);
  }
}

const message = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.write(type, 0);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};

/** AuthenticationOk, BackendKeyData and ReadyForQuery: nobody logs in to PGlite. */
const GREETING = Buffer.concat([
  message('R', Buffer.alloc(4)),
  ...[
    ['server_encoding', 'UTF8'],
    ['client_encoding', 'UTF8'],
    ['integer_datetimes', 'on'],
    ['standard_conforming_strings', 'on'],
  ].map((pair) => message('S', Buffer.from(`${pair.join('\0')}\0`))),
  message('K', Buffer.alloc(8)),
  message('Z', Buffer.from('I')),
]);
const ROLLBACK = message('Q', Buffer.from('ROLLBACK\0'));

/** Walks the messages of an answer for what concerns more than the one who asked. */
function look(answer: Buffer): { notifications: Buffer[]; state: string } {
  const notifications: Buffer[] = [];
  let state = '?';
  for (let at = 0; at + 5 <= answer.length; ) {
    const end = at + 1 + answer.readInt32BE(at + 1);
    if (answer[at] === 0x41) notifications.push(answer.subarray(at, end));
    if (answer[at] === 0x5a) state = String.fromCharCode(answer[at + 5] as number);
    at = end;
  }
  return { notifications, state };
}

/** The statement's text for the log; parameters are no part of it. */
function saidSql(sent: Buffer, type: string): string {
  const from = type === 'P' ? sent.indexOf(0, 5) + 1 : 5;
  return sent.toString('utf8', from, Math.min(from + 120, sent.indexOf(0, from)));
}
