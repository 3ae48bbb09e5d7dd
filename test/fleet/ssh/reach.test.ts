import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket, type Server as TcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type Connection as ServerConnection } from 'ssh2';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openSsh } from '../../../src/fleet/ssh/open.ts';
import { type BlackHole, openBlackHole } from './black-hole.ts';
import { hostAt, hostOn, LIMITS } from './hosts.ts';
import { freePort, noSshd, type Sshd, startSshd } from './sshd.ts';

vi.mock('../../../src/fleet/scripts/read.ts', () => import('./scripts.ts'));

const QUICK = { ...LIMITS, connect: 600, banner: 500, auth: 900 };
const hello = { script: 'hello', args: [], timeout: 5000 };

async function listening(server: TcpServer): Promise<{ address: string; port: number; close(): void }> {
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {})));
  return {
    address: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

describe('the reach ladder', () => {
  let hole: BlackHole;
  beforeAll(async () => {
    hole = await openBlackHole();
  });
  afterAll(() => hole.close());

  test('a port that swallows packets is unroutable, within the connect time-out', async () => {
    const ssh = openSsh(QUICK);
    const result = await ssh.exec(hostAt(hole), hello);
    expect(result).toMatchObject({ reach: 'unroutable', detail: `no answer from ${hole.address} port ${hole.port} within 0.6 s` });
    expect(result.ms).toBeLessThan(1500);
    await ssh.close();
  });

  test('many names for one dead port are told together, not one after another', async () => {
    const ssh = openSsh(QUICK);
    const began = performance.now();
    const results = await Promise.all(Array.from({ length: 40 }, (_, n) => ssh.exec(hostAt(hole, { name: `dead${n}` }), hello)));
    expect(new Set(results.map(({ reach }) => reach))).toEqual(new Set(['unroutable']));
    expect(performance.now() - began).toBeLessThan(2500);
    await ssh.close();
  });

  test('a port nobody listens on is refused; a name nobody knows is unroutable', async () => {
    const ssh = openSsh(QUICK);
    const port = await freePort();
    expect(await ssh.exec(hostAt({ address: '127.0.0.1', port }), hello)).toMatchObject({
      reach: 'refused',
      detail: `127.0.0.1 port ${port} refused the connection`,
    });
    const unknown = await ssh.exec(hostAt({ address: 'no-such-host.invalid', port: 22 }), hello);
    expect(unknown).toMatchObject({ reach: 'unroutable', detail: expect.stringContaining('no-such-host.invalid') });
    await ssh.close();
  });

  test('a port that opens and says nothing, or closes, or talks something else, is half-dead', async () => {
    const ssh = openSsh(QUICK);
    const mute = await listening(createServer());
    const slammed = await listening(createServer((socket) => socket.destroy()));
    const web = await listening(createServer((socket) => socket.end('HTTP/1.0 400 Bad Request\r\n\r\n')));
    expect(await ssh.exec(hostAt(mute), hello)).toMatchObject({ reach: 'half-dead', detail: 'TCP open, no SSH banner within 0.5 s' });
    expect(await ssh.exec(hostAt(slammed), hello)).toMatchObject({ reach: 'half-dead' });
    expect(await ssh.exec(hostAt(web), hello)).toMatchObject({ reach: 'half-dead' });
    for (const server of [mute, slammed, web]) server.close();
    await ssh.close();
  });

  test('a banner and then silence is half-dead too, and says so', async () => {
    const ssh = openSsh(QUICK);
    const stuck = await listening(createServer((socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n')));
    expect(await ssh.exec(hostAt(stuck), hello)).toMatchObject({ reach: 'half-dead', detail: 'SSH banner, but no key exchange within 0.9 s' });
    stuck.close();
    await ssh.close();
  });
});

describe.skipIf(noSshd)('host keys', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd({ hostKeys: ['ed25519', 'ecdsa', 'rsa'] });
  });
  afterAll(() => sshd.stop());

  test('good hosts answer at once while others hang, refuse or lie', async () => {
    const ssh = openSsh({ ...QUICK, connect: 2000, banner: 2000 });
    const hole = await openBlackHole();
    const mute = await listening(createServer());
    const bad = Promise.all([ssh.exec(hostAt(hole, { name: 'hole' }), hello), ssh.exec(hostAt(mute, { name: 'mute' }), hello)]);
    const good = await Promise.all(Array.from({ length: 10 }, (_, n) => ssh.exec(hostOn(sshd, { name: `good${n}` }), hello)));
    expect(good.every(({ reach }) => reach === 'ok')).toBe(true);
    let pending = true;
    void bad.then(() => (pending = false));
    await new Promise(setImmediate);
    expect(pending).toBe(true);
    expect((await bad).map(({ reach }) => reach)).toEqual(['unroutable', 'half-dead']);
    mute.close();
    await hole.close();
    await ssh.close();
  });

  test('a door that is shut once, as a busy sshd does at random, is knocked at again', async () => {
    let knocks = 0;
    const door = await listening(
      createServer((socket) => {
        if (++knocks === 1) return socket.destroy();
        const inside = connect(sshd.port, sshd.address).on('error', () => socket.destroy());
        socket.pipe(inside).pipe(socket);
      }),
    );
    const ssh = openSsh(QUICK);
    const known = join(sshd.dir, 'known_door');
    writeFileSync(known, `[${door.address}]:${door.port} ${sshd.hostKey()}\n`);
    expect(await ssh.exec(hostOn(sshd, { port: door.port, ssh: { knownHosts: [known] } }), hello)).toMatchObject({ reach: 'ok' });
    expect(knocks).toBe(2);
    await ssh.close();
    door.close();
  });

  test('a host nobody confirmed is a key mismatch that says how to confirm it', async () => {
    const ssh = openSsh(QUICK);
    const result = await ssh.exec(hostOn(sshd, { ssh: { knownHosts: [] } }), hello);
    expect(result).toMatchObject({
      reach: 'key-mismatch',
      detail: expect.stringMatching(/^host key not known: .* offers ssh-ed25519 SHA256:[A-Za-z0-9+/]{43}; .*holdfast init/),
    });
    await ssh.close();
  });

  test('a host whose key changed is told apart from one nobody knows', async () => {
    const other = await startSshd();
    const ssh = openSsh(QUICK);
    expect(await ssh.exec(hostOn(other), hello)).toMatchObject({ reach: 'ok' });
    await other.down();
    await other.start({ newHostKey: true });
    expect(await ssh.exec(hostOn(other), hello)).toMatchObject({
      reach: 'key-mismatch',
      detail: expect.stringMatching(/^host key changed: offers ssh-ed25519 SHA256:\S+, known is ssh-ed25519 SHA256:\S+ \(.*known_hosts:1\)/),
    });
    await ssh.close();
    await other.stop();
  });

  test('a host known by one kind of key is asked for that kind, whatever it would offer first', async () => {
    const ssh = openSsh(QUICK);
    for (const type of ['ecdsa', 'rsa', 'ed25519'] as const) {
      const file = join(sshd.dir, `known_${type}`);
      writeFileSync(file, `[${sshd.address}]:${sshd.port} ${sshd.hostKey(type)}\n`);
      expect(await ssh.exec(hostOn(sshd, { name: type, ssh: { knownHosts: [file] } }), hello)).toMatchObject({ reach: 'ok' });
    }
    await ssh.close();
  });

  test('a hashed file as ssh-keygen makes it, an alias, a global file and a changed file are all read', async () => {
    const { execFileSync } = await import('node:child_process');
    const hashed = join(mkdtempSync(join(tmpdir(), 'holdfast-known-')), 'known_hosts');
    writeFileSync(hashed, `[${sshd.address}]:${sshd.port} ${sshd.hostKey()}\n`);
    execFileSync('ssh-keygen', ['-q', '-H', '-f', hashed], { stdio: 'ignore' });
    const aliased = `${hashed}.alias`;
    writeFileSync(aliased, `rack7 ${sshd.hostKey()}\n`);
    const ssh = openSsh({ ...QUICK, globalKnownHosts: [hashed] });
    expect(await ssh.exec(hostOn(sshd, { name: 'hashed', ssh: { knownHosts: [] } }), hello)).toMatchObject({ reach: 'ok' });
    expect(await ssh.exec(hostOn(sshd, { name: 'alias', ssh: { knownHosts: [aliased], hostKeyAlias: 'rack7' } }), hello)).toMatchObject({ reach: 'ok' });
    const late = `${hashed}.late`;
    const host = (name: string) => hostOn(sshd, { name, ssh: { knownHosts: [late], hostKeyAlias: 'late' } });
    expect(await ssh.exec(host('late1'), hello)).toMatchObject({ reach: 'key-mismatch' });
    appendFileSync(late, `late ${sshd.hostKey()}\n`);
    await vi.waitFor(async () => expect(await ssh.exec(host('late2'), hello)).toMatchObject({ reach: 'ok' }), { timeout: 5000, interval: 200 });
    await ssh.close();
  });
});

describe('servers that misbehave', () => {
  const hostKey = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
  }).privateKey;
  const parsed = ssh2.utils.parseKey(hostKey) as ssh2.ParsedKey;

  async function fake(onClient: (client: ServerConnection) => void) {
    const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
      client.on('error', () => {});
      onClient(client);
    });
    server.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const known = join(mkdtempSync(join(tmpdir(), 'holdfast-fake-')), 'known_hosts');
    writeFileSync(known, `[127.0.0.1]:${port} ssh-rsa ${parsed.getPublicSSH().toString('base64')}\n`);
    const identity = join(known, '..', 'identity');
    writeFileSync(identity, hostKey, { mode: 0o600 });
    return { host: hostAt({ address: '127.0.0.1', port }, { ssh: { knownHosts: [known], identityFiles: [identity] } }), close: () => server.close() };
  }

  test('a host nobody confirmed is shown no key of ours', async () => {
    let asked = 0;
    let gone = () => {};
    const left = new Promise<void>((resolve) => (gone = resolve));
    const server = await fake((client) => void client.on('authentication', () => asked++).on('close', gone));
    const ssh = openSsh(QUICK);
    expect(await ssh.exec({ ...server.host, ssh: { ...server.host.ssh, knownHosts: [] } }, hello)).toMatchObject({ reach: 'key-mismatch' });
    await left;
    expect(asked).toBe(0);
    await ssh.close();
    server.close();
  });

  test('a login that is never answered is auth, with the time it had', async () => {
    const server = await fake((client) => client.on('authentication', () => {}));
    const ssh = openSsh(QUICK);
    expect(await ssh.exec(server.host, hello)).toMatchObject({ reach: 'auth', detail: 'no answer to the login as nobody within 0.9 s' });
    await ssh.close();
    server.close();
  });

  test('a pooled connection that no longer answers is given up and the host asked afresh, once', async () => {
    let connections = 0;
    const server = await fake((client) => {
      const nth = ++connections;
      let calls = 0;
      client.on('authentication', (attempt) => attempt.accept());
      client.on('session', (accept) => {
        if (nth === 1 && ++calls > 1) return;
        accept().on('exec', (yes) => {
          const channel = yes();
          channel.on('end', () => {
            channel.write(`answer ${nth}`);
            channel.exit(0);
            channel.end();
          });
          channel.resume();
        });
      });
    });
    const ssh = openSsh(QUICK);
    expect(await ssh.exec(server.host, hello)).toMatchObject({ reach: 'ok', stdout: 'answer 1' });
    expect(await ssh.exec(server.host, hello)).toMatchObject({ reach: 'ok', stdout: 'answer 2' });
    expect(connections).toBe(2);
    await ssh.close();
    server.close();
  });

  test('a host that will start no shell says so and is asked no more than that', async () => {
    let execs = 0;
    const server = await fake((client) => {
      client.on('authentication', (attempt) => attempt.accept());
      client.on('session', (accept) =>
        accept().on('exec', (_yes, no) => {
          execs++;
          no();
        }),
      );
    });
    const ssh = openSsh(QUICK);
    expect(await ssh.exec(server.host, hello)).toMatchObject({ reach: 'exec-timeout', detail: expect.stringContaining('exec') });
    expect(execs).toBe(1);
    await ssh.close();
    server.close();
  });

  test('a channel that closes without an exit status is lost, not ok', async () => {
    const server = await fake((client) => {
      client.on('authentication', (attempt) => attempt.accept());
      client.on('session', (accept) => accept().on('exec', (yes) => yes().close()));
    });
    const ssh = openSsh(QUICK);
    expect(await ssh.exec(server.host, hello)).toMatchObject({ reach: 'exec-timeout', detail: expect.stringContaining('without saying how it ended') });
    await ssh.close();
    server.close();
  });
});
