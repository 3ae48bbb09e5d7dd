import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Host } from '../../../src/fleet/host.ts';
import { withDefaults } from '../../../src/fleet/ssh/limits.ts';
import { openSsh } from '../../../src/fleet/ssh/open.ts';
import { sshWords } from '../../../src/fleet/ssh/system.ts';
import type { Ssh } from '../../../src/fleet/ssh/transport.ts';
import { openBlackHole } from './black-hole.ts';
import { hostAt, hostOn, LIMITS } from './hosts.ts';
import { freePort, makeKey, noSshd, type Sshd, startSshd } from './sshd.ts';

vi.mock('../../../src/fleet/scripts/read.ts', () => import('./scripts.ts'));

const call = (script: string, ...args: string[]) => ({ script, args, timeout: 20_000 });
const noSsh = noSshd ?? (existsSync('/usr/bin/ssh') ? undefined : 'no /usr/bin/ssh here: install openssh-client');

describe.skipIf(noSsh)('hosts reached with the system’s ssh', () => {
  let sshd: Sshd;
  let ssh: Ssh;
  const bySystem = (host: Host): Host => ({ ...host, ssh: { ...host.ssh, transport: 'system' } });
  beforeAll(async () => {
    sshd = await startSshd();
    ssh = openSsh({ ...LIMITS, connect: 1000, banner: 1000 });
  });
  afterAll(async () => {
    const began = performance.now();
    await ssh.close();
    expect(performance.now() - began).toBeLessThan(2000);
    await sshd.stop();
  });

  test('a script runs with its arguments, and the second call needs no new connection', async () => {
    const before = sshd.accepted();
    const host = bySystem(hostOn(sshd));
    expect(await ssh.exec(host, call('hello', "it's", '$HOME'))).toMatchObject({ reach: 'ok', code: 0, stdout: "hello it's $HOME\n" });
    expect(await ssh.exec(host, call('both'))).toMatchObject({ reach: 'ok', code: 3, stdout: 'out\n', stderr: 'err\n' });
    expect(sshd.accepted() - before).toBe(1);
  });

  test('a proxy command leads there; one that fails is unroutable', async () => {
    const through = (proxyCommand: string, name: string) => bySystem(hostOn(sshd, { name, ssh: { proxyCommand } }));
    const pipe = `${process.execPath} -e "const s=require('net').connect(${sshd.port},'127.0.0.1');process.stdin.pipe(s).pipe(process.stdout)"`;
    expect(await ssh.exec(through(pipe, 'proxied'), call('hello'))).toMatchObject({ reach: 'ok' });
    expect(await ssh.exec(through('false', 'unproxied'), call('hello'))).toMatchObject({ reach: 'unroutable' });
  });

  test('a host known by certificate authority only is reached and checked', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'holdfast-ca-'));
    const ca = makeKey(join(dir, 'ca'));
    const certified = await startSshd({ config: [`HostCertificate ${dir}/host-cert.pub`] });
    execFileSync('cp', [join(certified.dir, 'host_ed25519.pub'), join(dir, 'host.pub')]);
    execFileSync('ssh-keygen', ['-q', '-s', ca, '-I', 'host', '-h', '-n', '127.0.0.1', join(dir, 'host.pub')], { stdio: 'ignore' });
    await certified.down();
    await certified.start();
    const known = join(dir, 'known_hosts');
    writeFileSync(known, `@cert-authority * ${execFileSync('cat', [`${ca}.pub`], { encoding: 'utf8' })}`);
    expect(await ssh.exec(bySystem(hostOn(certified, { name: 'certified', ssh: { knownHosts: [known] } })), call('hello'))).toMatchObject({ reach: 'ok' });
    await certified.stop();
  });

  test('stands on the same ladder', async () => {
    const wrong = makeKey(join(sshd.dir, 'wrong'));
    const hole = await openBlackHole();
    const mute = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => mute.once('listening', resolve));
    const slammed = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await new Promise((resolve) => slammed.once('listening', resolve));
    const port = (server: typeof mute) => (server.address() as AddressInfo).port;
    const changed = join(sshd.dir, 'changed');
    writeFileSync(changed, `[${sshd.address}]:${sshd.port} ${execFileSync('cat', [`${wrong}.pub`], { encoding: 'utf8' })}`);
    const asked: [Host, string][] = [
      [hostOn(sshd, { name: 'wrong-key', ssh: { identityFiles: [wrong] } }), 'auth'],
      [hostOn(sshd, { name: 'unknown', ssh: { knownHosts: ['/dev/null'] } }), 'key-mismatch'],
      [hostOn(sshd, { name: 'changed', ssh: { knownHosts: [changed] } }), 'key-mismatch'],
      [hostAt({ address: '127.0.0.1', port: await freePort() }, { name: 'refused' }), 'refused'],
      [hostAt({ address: '127.0.0.1', port: port(mute) }, { name: 'mute' }), 'half-dead'],
      [hostAt({ address: '127.0.0.1', port: port(slammed) }, { name: 'slammed' }), 'half-dead'],
      [hostAt(hole, { name: 'hole' }), 'unroutable'],
      [hostAt({ address: 'no-such-host.invalid', port: 22 }, { name: 'nowhere' }), 'unroutable'],
    ];
    const results = await Promise.all(asked.map(([host]) => ssh.exec(bySystem(host), call('hello'))));
    expect(results.map(({ reach }, at) => [asked[at]?.[0].name, reach])).toEqual(asked.map(([host, reach]) => [host.name, reach]));
    mute.close();
    slammed.close();
    await hole.close();
  });

  test('a name that could be read as an option or as shell is not handed over', () => {
    const limits = withDefaults(LIMITS);
    for (const address of ['-oProxyCommand=touch /tmp/x', '$(id)', 'a b', 'a;b', '`id`', 'a\nb', ''])
      expect(() => sshWords(hostAt({ address, port: 22 }), limits, '/tmp/s')).toThrow('is not one the system');
    for (const user of ['-l', '$(id)']) expect(() => sshWords(hostAt({ address: 'web01', port: 22 }, { user }), limits, '/tmp/s')).toThrow('is not one');
  });
});
