import { createServer as createTcp, type Socket, type Server as TcpServer } from 'node:net';
import { createSecureContext, createServer } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { parseDer } from '../../src/certificates/parse.ts';
import { fetchServed } from '../../src/certificates/served.ts';
import { made, oneLine } from './made.ts';

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

async function listening(server: TcpServer): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {})));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  return (server.address() as { port: number }).port;
}

const seen = async (port: number, more: Partial<Parameters<typeof fetchServed>[0]> = {}) => {
  const found = await fetchServed({ port: 443, host: '127.0.0.1', at: port, ...more });
  return 'der' in found ? found.der.toString('base64') : found.wrong;
};

test('what is served is seen as it is: expired, signed by itself, asked for by name', async () => {
  const { authority, leaf } = await made();
  const [expired, named] = [await leaf({ days: -61 }), await leaf({ subject: 'CN=www' })];
  const port = await listening(
    createServer({ cert: expired.cert, key: expired.key, SNICallback: (name, done) => done(null, name === 'www' ? createSecureContext(named) : undefined) }),
  );
  expect(await seen(port)).toBe(oneLine(expired.cert));
  expect(await seen(port, { name: 'www' })).toBe(oneLine(named.cert));
  const own = await listening(createServer({ cert: authority.cert, key: authority.key }));
  expect(parseDer(Buffer.from(await seen(own), 'base64'))).toMatchObject({ kind: 'ca', selfIssued: true });
});

test.each(['TLSv1.2', 'TLSv1.3'] as const)('one that wants a certificate of ours shows its own all the same (%s)', async (version) => {
  const leaf = await (await made()).leaf();
  const port = await listening(createServer({ ...leaf, requestCert: true, rejectUnauthorized: true, maxVersion: version }));
  expect(await seen(port)).toBe(oneLine(leaf.cert));
});

test('a database is asked in its own words; one that offers no TLS says so', async () => {
  const leaf = await (await made()).leaf();
  const inner = createServer(leaf);
  const answering = (word: string) =>
    createTcp((socket) => {
      socket.once('data', (first) => {
        socket.write(word);
        socket.pause();
        if (word === 'S' && first.length === 8) inner.emit('connection', socket);
      });
    });
  expect(await seen(await listening(answering('S')), { starttls: 'postgres' })).toBe(oneLine(leaf.cert));
  expect(await seen(await listening(answering('N')), { starttls: 'postgres' })).toBe('it offers no TLS');
});

test('a mail server is asked in its own words', async () => {
  const leaf = await (await made()).leaf();
  const inner = createServer(leaf);
  const port = await listening(
    createTcp((socket) => {
      socket.write('220 mx.example.org\r\n');
      const lines = ['250-mx.example.org\r\n250 STARTTLS\r\n', '220 go ahead\r\n'];
      socket.on('data', function answer() {
        const next = lines.shift();
        if (next) socket.write(next);
        if (lines.length > 0) return;
        socket.off('data', answer);
        socket.pause();
        inner.emit('connection', socket);
      });
    }),
  );
  expect(await seen(port, { starttls: 'smtp' })).toBe(oneLine(leaf.cert));
});

test('what is none is told within its time: refused, silent, another protocol, hung up', async () => {
  const gone = createTcp();
  const closed = await listening(gone);
  gone.close();
  expect(await seen(closed)).toBe('refused');
  expect(await seen(await listening(createTcp((socket) => socket.end('220 hello\r\n'))))).toBe('it speaks no TLS there');
  expect(await seen(await listening(createTcp((socket) => socket.end())))).toBe('it hung up');
  const began = performance.now();
  expect(await seen(await listening(createTcp(() => {})))).toBe('no answer within 5 s');
  expect(performance.now() - began).toBeLessThan(8_000);
}, 20_000);
