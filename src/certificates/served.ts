import { connect, isIP, type Socket } from 'node:net';
import { connect as secure, type TLSSocket } from 'node:tls';

/** Where a certificate may be served. */
export interface Listener {
  /** As the host calls it. */
  port: number;
  /** Where it is asked. */
  host: string;
  at: number;
  /** Server name to ask for. */
  name?: string;
  starttls?: 'postgres' | 'smtp';
}

/** Wall milliseconds for one listener, from the first packet to the last. */
const LONGEST = 5_000;

/**
 * The certificate a listener shows, DER. Nothing is trusted and nothing is sent but the greeting: one that has ended or that signed
 * itself is seen like any other. Never throws, and ends within 5 s of wall time.
 */
export function fetchServed(listener: Listener): Promise<{ der: Buffer } | { wrong: string }> {
  return new Promise((resolve) => {
    let tls: TLSSocket | undefined;
    const socket = connect({ host: listener.host, port: listener.at });
    const end = (answer: { der: Buffer } | { wrong: string }): void => {
      clearTimeout(timer);
      tls?.destroy();
      socket.destroy();
      resolve(answer);
    };
    // A server that wants a certificate of ours hangs up after it has shown its own.
    const shown = (): { der: Buffer } | undefined => {
      const der = tls?.getPeerX509Certificate()?.raw;
      return der && { der };
    };
    const timer = setTimeout(() => end(shown() ?? { wrong: `no answer within ${LONGEST / 1000} s` }), LONGEST);
    const failed = (error: Error): void => end(shown() ?? { wrong: sayWhy(error) });
    socket.on('error', failed).once('close', () => end(shown() ?? { wrong: 'it hung up' }));
    socket.once('connect', () => {
      asked(socket, listener.starttls).then(() => {
        tls = secure({
          socket,
          rejectUnauthorized: false,
          minVersion: 'TLSv1',
          // Old devices, too: what they show is looked at, nothing is entrusted to them.
          ciphers: 'DEFAULT@SECLEVEL=0',
          ...(listener.name !== undefined && !isIP(listener.name) && { servername: listener.name }),
        });
        tls.on('error', failed).once('secureConnect', () => end(shown() ?? { wrong: 'it shows no certificate' }));
      }, failed);
    });
  });
}

/** Asks for TLS in the words of the protocol, and waits for the yes. */
async function asked(socket: Socket, starttls: Listener['starttls']): Promise<void> {
  if (starttls === 'postgres') {
    socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
    if ((await heard(socket, (text) => text.length > 0)) !== 'S') throw new Error('it offers no TLS');
  }
  if (starttls === 'smtp') {
    await heard(socket, (text) => /^220 .*\r?\n$/m.test(text));
    socket.write('EHLO holdfast\r\n');
    await heard(socket, (text) => /^250 .*\r?\n$/m.test(text));
    socket.write('STARTTLS\r\n');
    if (!(await heard(socket, (text) => text.includes('\n'))).startsWith('220')) throw new Error('it offers no TLS');
  }
}

/** What it says until that is enough; at most 4 KB. */
function heard(socket: Socket, enough: (text: string) => boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const take = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      if (!enough(text) && text.length < 4096) return;
      socket.off('data', take);
      socket.pause();
      if (enough(text)) resolve(text);
      else reject(new Error('it speaks another protocol'));
    };
    socket.on('data', take);
    socket.resume();
  });
}

function sayWhy(error: Error & { code?: string; reason?: string }): string {
  const known: Record<string, string> = {
    ECONNREFUSED: 'refused',
    ECONNRESET: 'it hung up',
    EHOSTUNREACH: 'unroutable',
    ENETUNREACH: 'unroutable',
    ENOTFOUND: 'no such name',
    ERR_SSL_WRONG_VERSION_NUMBER: 'it speaks no TLS there',
  };
  const says = known[error.code ?? ''] ?? (/^it /.test(error.message) ? error.message : error.reason) ?? error.code ?? error.message;
  return says.replace(/\p{Cc}/gu, ' ').slice(0, 120);
}
