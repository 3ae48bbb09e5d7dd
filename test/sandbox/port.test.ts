import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startClock } from '../../src/lib/clocks.ts';
import { openPort } from '../../src/sandbox/port.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { CHECK, type Look, login, look, portOf } from './client.ts';

const NOTHING = Symbol('nothing');

let dataDir: string;
let sandbox: Sandbox;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sandbox-'));
  sandbox = await startSandbox({ dataDir, clock: startClock({ speed: 60 }), log: { info() {}, warn() {}, error() {} } });
});
afterAll(async () => {
  await sandbox.close();
  await rm(dataDir, { recursive: true });
});

const expectLook = async (host: string, expected: Look): Promise<void> => expect(await look(await portOf(sandbox, host), expected)).toBe(expected);

describe('a host as the network sees it', () => {
  test('ok: a server that says who it is', async () => {
    await expectLook('web01', 'SSH-2.0');
  });

  test('dead: refused, and connections of before are cut', async () => {
    const { client } = await login(sandbox, 'web02');
    const cut = new Promise<void>((resolve) => client.once('close', () => resolve()));
    expect(await sandbox.controls.fault('web02', 'dead')).toBe('web02 is dead: connections to it are refused; /ops sandbox web02 ok puts it back.');
    await cut;
    await expectLook('web02', 'ECONNREFUSED');
  });

  test('mute: packets are swallowed for everybody who comes, again and again', async () => {
    await sandbox.controls.fault('web03', 'mute');
    await Promise.all(Array.from({ length: 12 }, () => expectLook('web03', 'no connection')));
    await expectLook('web03', 'no connection');
  });

  test('half-dead: connected, and never a word', async () => {
    await sandbox.controls.fault('web04', 'half-dead');
    await expectLook('web04', 'connected, no word');
  });

  test('no-return: nothing to see until its next reboot', async () => {
    await sandbox.controls.fault('web05', 'no-return');
    await expectLook('web05', 'SSH-2.0');
  });

  test.each(['mute', 'half-dead'])('%s: what was asked over a connection of before hangs, and is answered once the host is ok', async (fault) => {
    const session = await login(sandbox, 'db01');
    await sandbox.controls.fault('db01', fault);
    const asked = session.exec('sh -s', CHECK);
    expect(await Promise.race([asked, sleep(300, NOTHING)])).toBe(NOTHING);
    await sandbox.controls.fault('db01', 'ok');
    expect(await asked).toMatchObject({ code: 0 });
    session.end();
  });

  test('mute, then dead: what hung is cut', async () => {
    const { client } = await login(sandbox, 'db02');
    const cut = new Promise<void>((resolve) => client.once('close', () => resolve()));
    await sandbox.controls.fault('db02', 'mute');
    await sandbox.controls.fault('db02', 'dead');
    await cut;
    await expectLook('db02', 'ECONNREFUSED');
  });

  test('from every fault to every other and back to ok, on the same port', async () => {
    const looks: Record<string, Look> = { dead: 'ECONNREFUSED', mute: 'no connection', 'half-dead': 'connected, no word', ok: 'SSH-2.0' };
    const port = await portOf(sandbox, 'lab01');
    for (const from of Object.keys(looks)) {
      for (const [to, expected] of Object.entries(looks)) {
        await sandbox.controls.fault('lab01', from);
        await sandbox.controls.fault('lab01', to);
        expect([from, to, await look(port, expected)]).toEqual([from, to, expected]);
      }
    }
  });

  test('faults that come all at once leave the last one', async () => {
    await Promise.all(['dead', 'mute', 'ok', 'half-dead', 'mute', 'dead'].map((fault) => sandbox.controls.fault('lab02', fault)));
    await expectLook('lab02', 'ECONNREFUSED');
  });
});

test.each(['swallowed', 'silent'] as const)('%s: what the host was about to say stays unsaid until it is open again', async (state) => {
  let served: Socket | undefined;
  const port = await openPort((socket) => {
    served = socket;
    socket.resume().write('hello ');
  });
  let heard = '';
  const caller = connect({ host: '127.0.0.1', port: port.number }).on('data', (data) => {
    heard += data;
  });
  await expect.poll(() => heard).toBe('hello ');
  await port.become(state);
  served?.write('there');
  await sleep(200);
  expect(heard).toBe('hello ');
  await port.become('open');
  await expect.poll(() => heard).toBe('hello there');
  caller.destroy();
  await port.close();
});

test('a port that somebody took while the host was dead is said, and had back once it is free', async () => {
  const port = await openPort((socket) => socket.end('SSH-2.0-x'));
  await port.become('refused');
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(port.number, '127.0.0.1', () => resolve()));
  await expect(port.become('open')).rejects.toThrow('EADDRINUSE');
  await expect(port.become('swallowed')).rejects.toThrow('EADDRINUSE');
  await new Promise((resolve) => other.close(resolve));
  await port.become('open');
  expect(await look(port.number, 'SSH-2.0')).toBe('SSH-2.0');
  await port.close();
});
