import { SMTPServer } from 'smtp-server';
import { onTestFinished } from 'vitest';
import type { Faults } from './provider.ts';

export interface Mail {
  from: string;
  to: string[];
  /** As it came, header and body. */
  raw: string;
}

/** A mail server on loopback with the mailboxes behind it. `busy` is its 451, whatever the seconds. */
export async function fakeSmtp(options: { user?: string; password?: string; starttls?: boolean } = {}) {
  const faults: Faults = { fault: 'none', calls: 0 };
  const mailboxes: Mail[] = [];
  const logins: string[] = [];
  const refuse = (code: number, text: string): Error => Object.assign(new Error(text), { responseCode: code });
  const server = new SMTPServer({
    disabledCommands: [...(options.starttls ? [] : ['STARTTLS']), ...(options.user === undefined ? ['AUTH'] : [])],
    allowInsecureAuth: true,
    authOptional: options.user === undefined,
    logger: false,
    disableReverseLookup: true,
    onAuth: ({ username = '', password }, _, done) => {
      logins.push(username);
      username === options.user && password === options.password
        ? done(null, { user: username })
        : done(refuse(535, '5.7.8 Authentication credentials invalid'));
    },
    onMailFrom(_, __, done) {
      faults.calls += 1;
      if (faults.fault === 'hang') return;
      if (typeof faults.fault === 'object') return done(refuse(451, '4.7.1 Try again later'));
      done();
    },
    onRcptTo: ({ address }, _, done) => done(faults.fault === 'no' || address.startsWith('nobody@') ? refuse(550, '5.1.1 No such user here') : null),
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        if (faults.fault === 'broken') return done(refuse(554, '5.3.0 Transaction failed'));
        const { mailFrom, rcptTo } = session.envelope;
        mailboxes.push({ from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address), raw: Buffer.concat(parts).toString('utf8') });
        if (faults.fault === 'reset') {
          for (const socket of connections) socket.destroy();
          return;
        }
        done();
      });
    },
  });
  server.on('error', () => {});
  const connections = new Set<import('node:net').Socket>();
  server.server.on('connection', (socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as { port: number };
  onTestFinished(async () => {
    for (const socket of connections) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { port, faults, mailboxes, logins, config: { host: '127.0.0.1', port, tls: 'none', from: 'holdfast@example.org' } };
}
