import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openSsh } from '../../../src/fleet/ssh/open.ts';
import type { ExecResult, Ssh } from '../../../src/fleet/ssh/transport.ts';
import { hostOn, LIMITS } from './hosts.ts';
import { makeKey, noSshd, type Sshd, startSshd } from './sshd.ts';

vi.mock('../../../src/fleet/scripts/read.ts', () => import('./scripts.ts'));

const call = (script: string, ...args: string[]) => ({ script, args, timeout: 20_000 });

describe.skipIf(noSshd)('scripts on a real sshd', () => {
  let sshd: Sshd;
  let ssh: Ssh;
  beforeAll(async () => {
    sshd = await startSshd();
    ssh = openSsh(LIMITS);
  });
  afterAll(async () => {
    await ssh.close();
    await sshd.stop();
  });

  test('a script runs with its arguments and says how it ended', async () => {
    expect(await ssh.exec(hostOn(sshd), call('hello', 'big', "wo'rld"))).toMatchObject({
      reach: 'ok',
      code: 0,
      stdout: "hello big wo'rld\n",
      stderr: '',
      cut: false,
    });
    expect(await ssh.exec(hostOn(sshd), call('both'))).toMatchObject({ reach: 'ok', code: 3, stdout: 'out\n', stderr: 'err\n' });
    expect(await ssh.exec(hostOn(sshd), call('killed'))).toMatchObject({ reach: 'ok', code: 137, signal: 'SIGKILL' });
  });

  test('what a script runs cannot read the script as its input', async () => {
    expect(await ssh.exec(hostOn(sshd), call('reads'))).toMatchObject({ reach: 'ok', stdout: 'and on\n' });
  });

  test('nothing from outside stands in the command line of the host', async () => {
    const running = ssh.exec(hostOn(sshd), call('sleepy', '0.5', 'a-secret-word'));
    const seen: string[] = [];
    let over = false;
    running.finally(() => (over = true));
    while (!over) {
      seen.push(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }));
      await new Promise(setImmediate);
    }
    expect(seen.some((list) => /^sh -s$/m.test(list))).toBe(true);
    expect(seen.join()).not.toContain('a-secret-word');
  });

  test('50 MB of output is read to its end, the first MiB kept', async () => {
    const result = (await ssh.exec(hostOn(sshd), call('flood'))) as ExecResult & { reach: 'ok' };
    expect(result).toMatchObject({ reach: 'ok', code: 0, cut: true, stderr: 'done\n' });
    expect(result.stdout).toBe('x'.repeat(1024 * 1024));
  });

  test('a flood of errors is cut at 64 KiB and holds nothing up', async () => {
    const result = (await ssh.exec(hostOn(sshd), call('flood-both'))) as ExecResult & { reach: 'ok' };
    expect(result).toMatchObject({ reach: 'ok', cut: true, stdout: 'end\n' });
    expect(result.stderr.length).toBe(64 * 1024);
  });

  test('fifty calls use one connection, and twenty at once do too', async () => {
    const before = sshd.accepted();
    const host = hostOn(sshd, { name: 'reused' });
    for (let n = 0; n < 30; n++) expect(await ssh.exec(host, call('hello'))).toMatchObject({ reach: 'ok' });
    const together = await Promise.all(Array.from({ length: 20 }, () => ssh.exec(host, call('hello'))));
    expect(together.every(({ reach }) => reach === 'ok')).toBe(true);
    expect(sshd.accepted() - before).toBe(1);
  });

  test('thirty names for one sshd with its usual limits are thirty hosts', async () => {
    const usual = await startSshd({ config: ['MaxStartups 10:30:100'] });
    const hosts = Array.from({ length: 30 }, (_, n) => hostOn(usual, { name: `name${n}` }));
    const results = await Promise.all(hosts.map((host) => ssh.exec(host, call('hello', host.name))));
    expect(results.map((result) => result.reach === 'ok' && result.stdout)).toEqual(hosts.map(({ name }) => `hello ${name}\n`));
    await usual.stop();
  });

  test('a script that does not end is told apart, and ended on the host', async () => {
    const host = hostOn(sshd, { name: 'slow' });
    const result = await ssh.exec(host, { script: 'sleepy', args: ['31.4'], timeout: 300 });
    expect(result).toMatchObject({ reach: 'exec-timeout', detail: 'the script did not end within 0.3 s' });
    expect(await ssh.exec(host, call('hello'))).toMatchObject({ reach: 'ok' });
  });

  test('a connection cut while a script runs is lost, and the script is not run twice', async () => {
    const file = join(sshd.dir, 'noted');
    writeFileSync(file, '');
    const began = new Promise<void>((resolve) => {
      const watcher = watch(file, () => {
        if (!readFileSync(file, 'utf8')) return;
        watcher.close();
        resolve();
      });
    });
    const running = ssh.exec(hostOn(sshd, { name: 'cut' }), call('noted', file));
    await began;
    sshd.cut();
    expect(await running).toMatchObject({
      reach: 'exec-timeout',
      detail: 'the connection was lost while the script ran; what it had done by then is not known',
    });
    expect(readFileSync(file, 'utf8')).toBe('began\n');
  });

  test('a storm of cut connections ends every call with an outcome and nothing else', async () => {
    const stormy = openSsh(LIMITS);
    const storm = setInterval(() => sshd.cut(), 60);
    const results = await Promise.all(Array.from({ length: 80 }, (_, n) => stormy.exec(hostOn(sshd, { name: `storm${n % 20}` }), call('sleepy', '0.02'))));
    clearInterval(storm);
    for (const { reach } of results) expect(['ok', 'exec-timeout', 'half-dead', 'auth']).toContain(reach);
    expect(await stormy.exec(hostOn(sshd, { name: 'storm0' }), call('hello'))).toMatchObject({ reach: 'ok' });
    await stormy.close();
  });

  test('after sshd was restarted the next call opens a new connection by itself', async () => {
    const other = await startSshd();
    const host = hostOn(other);
    expect(await ssh.exec(host, call('hello'))).toMatchObject({ reach: 'ok' });
    await other.down();
    await other.start();
    expect(await ssh.exec(host, call('hello'))).toMatchObject({ reach: 'ok' });
    await other.stop();
    expect(await ssh.exec(host, call('hello'))).toMatchObject({ reach: 'refused' });
  });

  test('a call waits for a slot, and its time-out begins with it', async () => {
    const narrow = openSsh({ ...LIMITS, inFlight: 1 });
    const host = hostOn(sshd, { name: 'narrow' });
    const [first, second] = [narrow.exec(host, call('sleepy', '0.6')), narrow.exec(host, { script: 'hello', args: [], timeout: 400 })];
    expect(narrow.load().waiting).toBe(1);
    expect((await first).reach).toBe('ok');
    expect((await second).reach).toBe('ok');
    await narrow.close();
  });

  test('closing is quick, ends what runs and leaves nothing open', async () => {
    const brief = openSsh(LIMITS);
    const running = brief.exec(hostOn(sshd, { name: 'brief' }), call('sleepy', '31.5'));
    const ended = expect(running).rejects.toThrow('ssh was closed');
    while (brief.load().open === 0) await new Promise(setImmediate);
    const began = performance.now();
    await brief.close();
    expect(performance.now() - began).toBeLessThan(2000);
    await ended;
    expect(brief.load()).toEqual({ open: 0, waiting: 0 });
    await expect(brief.exec(hostOn(sshd), call('hello'))).rejects.toThrow('ssh was closed');
  });

  test('connections nobody used are closed after a while, and there are never too many', async () => {
    const small = openSsh({ ...LIMITS, idle: 80, open: 3 });
    await Promise.all(Array.from({ length: 6 }, (_, n) => small.exec(hostOn(sshd, { name: `few${n}` }), call('hello'))));
    expect(small.load().open).toBeLessThanOrEqual(6);
    await small.exec(hostOn(sshd, { name: 'one-more' }), call('hello'));
    expect(small.load().open).toBeLessThanOrEqual(3);
    await vi.waitFor(() => expect(small.load().open).toBe(0), { timeout: 2000 });
    await small.close();
  });

  test('a script that does not exist is our fault, not the host’s', async () => {
    await expect(ssh.exec(hostOn(sshd), call('nosuch'))).rejects.toThrow('no script');
    await expect(ssh.exec(hostOn(sshd), call('hello', 'a\0b'))).rejects.toThrow('NUL');
  });
});

describe.skipIf(noSshd)('logging in', () => {
  let sshd: Sshd;
  let ssh: Ssh;
  beforeAll(async () => {
    sshd = await startSshd();
    ssh = openSsh(LIMITS);
  });
  afterAll(async () => {
    await ssh.close();
    await sshd.stop();
  });

  test('a key the host does not know is an auth failure that names what was tried', async () => {
    const wrong = makeKey(join(sshd.dir, 'wrong'));
    const result = await ssh.exec(hostOn(sshd, { ssh: { identityFiles: [wrong] } }), call('hello'));
    expect(result).toMatchObject({ reach: 'auth', detail: expect.stringContaining(`login as ${sshd.user}: none of wrong opened it`) });
  });

  test('several keys are tried in turn, of any kind', async () => {
    const wrong = makeKey(join(sshd.dir, 'wrong1'), 'rsa');
    const right = makeKey(join(sshd.dir, 'right'), 'ecdsa');
    appendFileSync(join(sshd.dir, 'authorized_keys'), readFileSync(`${right}.pub`));
    expect(await ssh.exec(hostOn(sshd, { name: 'many', ssh: { identityFiles: [wrong, right] } }), call('hello'))).toMatchObject({ reach: 'ok' });
  });

  test('a key with a passphrase is named, with what to do', async () => {
    const locked = makeKey(join(sshd.dir, 'locked'), 'ed25519', 'correct horse');
    expect(await ssh.exec(hostOn(sshd, { ssh: { identityFiles: [locked, join(sshd.dir, 'absent')] } }), call('hello'))).toMatchObject({
      reach: 'auth',
      detail: `login as ${sshd.user}: no key to log in with; ${locked} has a passphrase: load it into an ssh agent; ${join(sshd.dir, 'absent')} is not there`,
    });
  });

  test.skipIf(!existsSync('/usr/bin/ssh-agent'))('an agent logs in, and one that is gone is named', async () => {
    const socket = join(mkdtempSync(join(tmpdir(), 'holdfast-agent-')), 'agent');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise((resolve) => agent.stdout.once('data', resolve));
    execFileSync('ssh-add', ['-q', sshd.identity], { env: { PATH: process.env.PATH, SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
    const withAgent = openSsh({ ...LIMITS, agent: socket });
    const host = hostOn(sshd, { name: 'by-agent', ssh: { identityFiles: [] } });
    expect(await withAgent.exec(host, call('hello'))).toMatchObject({ reach: 'ok' });
    await withAgent.close();
    agent.kill();
    await new Promise((resolve) => agent.once('exit', resolve));
    expect(await ssh.exec({ ...host, ssh: { ...host.ssh, agent: socket } }, call('hello'))).toMatchObject({
      reach: 'auth',
      detail: expect.stringContaining('the ssh agent did not help'),
    });
  });
});

describe.skipIf(noSshd)('through jump hosts', () => {
  let near: Sshd;
  let far: Sshd;
  let ssh: Ssh;
  beforeAll(async () => {
    [near, far] = await Promise.all([startSshd(), startSshd()]);
    ssh = openSsh({ ...LIMITS, host: (name) => ({ bastion: hostOn(near, { name: 'bastion' }), inner: hostOn(far, { name: 'inner' }) })[name] });
  });
  afterAll(async () => {
    await ssh.close();
    await Promise.all([near.stop(), far.stop()]);
  });

  test('many hosts behind one jump host share its one connection', async () => {
    const [before, beforeFar] = [near.accepted(), far.accepted()];
    const results = await Promise.all([1, 2, 3, 4].map((n) => ssh.exec(hostOn(far, { name: `db0${n}`, ssh: { jump: ['bastion'] } }), call('hello'))));
    expect(results.map(({ reach }) => reach)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect([near.accepted() - before, far.accepted() - beforeFar]).toEqual([1, 4]);
  });

  test('a chain of two, one by its address, checks the key of each', async () => {
    const third = await startSshd();
    const host = hostOn(third, {
      name: 'deep',
      ssh: {
        jump: ['bastion', `${far.user}@${far.address}:${far.port}`],
        identityFiles: [third.identity, far.identity],
        knownHosts: [third.knownHosts, far.knownHosts],
      },
    });
    expect(await ssh.exec(host, call('hello'))).toMatchObject({ reach: 'ok' });
    const unknownJump = { ...host, name: 'deep2', ssh: { ...host.ssh, knownHosts: [third.knownHosts] } };
    const result = await ssh.exec(unknownJump, call('hello'));
    expect(result).toMatchObject({ reach: 'unroutable', detail: expect.stringMatching(/^jump host .*: key-mismatch: host key not known/) });
    await third.stop();
  });

  test('a dead jump host is said once for all behind it and is not hammered', async () => {
    let knocks = 0;
    const slammed = createServer((socket) => {
      knocks++;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => slammed.once('listening', resolve));
    const dead = hostOn(near, { name: 'dead-bastion', port: (slammed.address() as AddressInfo).port });
    const own = openSsh({ ...LIMITS, inFlight: 4, host: (name) => (name === 'dead-bastion' ? dead : undefined) });
    const behind = Array.from({ length: 40 }, (_, n) => hostOn(far, { name: `behind${n}`, ssh: { jump: ['dead-bastion'] } }));
    const results = await Promise.all(behind.map((host) => own.exec(host, call('hello'))));
    for (const result of results)
      expect(result).toMatchObject({
        reach: 'unroutable',
        detail: expect.stringMatching(/^jump host dead-bastion: half-dead: TCP open, closed before the SSH banner/),
      });
    expect(knocks).toBeLessThanOrEqual(2);
    await own.close();
    slammed.close();
  });

  test('a port that refuses behind the jump host is refused, not unroutable', async () => {
    const gone = await startSshd();
    await gone.stop();
    expect(await ssh.exec(hostOn(gone, { ssh: { jump: ['bastion'] } }), call('hello'))).toMatchObject({
      reach: 'refused',
      detail: `${gone.address} port ${gone.port} refused the connection from bastion`,
    });
  });

  test('jump hosts that lead in a circle are named', async () => {
    const own = openSsh({ ...LIMITS, host: (name) => hostOn(near, { name, ssh: { jump: [name === 'a' ? 'b' : 'a'] } }) });
    expect(await own.exec(hostOn(far, { ssh: { jump: ['a'] } }), call('hello'))).toMatchObject({
      reach: 'unroutable',
      detail: 'the jump hosts lead in a circle: web01 → a → b → a',
    });
    await own.close();
  });

  test('a jump host that was restarted is connected to again', async () => {
    const host = hostOn(far, { name: 'again', ssh: { jump: ['bastion'] } });
    expect(await ssh.exec(host, call('hello'))).toMatchObject({ reach: 'ok' });
    await near.down();
    await near.start();
    expect(await ssh.exec(host, call('hello'))).toMatchObject({ reach: 'ok' });
  });
});
