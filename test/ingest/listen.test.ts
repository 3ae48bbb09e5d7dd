import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { privateApp } from '../../src/ingest/app.ts';
import { bodyOf, LARGEST } from '../../src/ingest/body.ts';
import { LIMITS, listenAt } from '../../src/ingest/listen.ts';
import { publicPort, wantedPort } from '../../src/ingest/ports.ts';
import { Refusal } from '../../src/lib/refusal.ts';
import { kept } from '../store/quiet.ts';

/** Short enough for a test, long enough for a machine at work. */
const SHORT = { ...LIMITS, head: 300, request: 600, finish: 300, connections: 5 };

async function open(options: { port?: number; ready?: () => Promise<boolean>; limits?: typeof LIMITS } = {}) {
  const log = kept();
  const app = privateApp({
    log,
    ready: options.ready ?? (async () => true),
    serve: [
      (to) => {
        to.post('/echo', async (c) => c.json({ length: (await bodyOf(c, z.string())).length }));
        to.get('/fails', () => {
          throw new Error('the password is hunter2');
        });
        to.get('/refuses', () => {
          throw new Refusal('Not like this.');
        });
        to.get('/calendar/:token', () => {
          throw new Error('nothing');
        });
        to.get('/hangs', () => new Promise(() => {}));
      },
    ],
  });
  const listener = await listenAt({
    host: '127.0.0.1',
    port: options.port ?? 0,
    log,
    limits: options.limits ?? SHORT,
    fetch: (request) => app.fetch(request),
  });
  onTestFinished(() => listener.close());
  return { ...listener, log, port: Number(new URL(listener.url).port) };
}

/** What a server answers to these bytes, until it closes the connection. */
function raw(port: number, bytes: string, then?: (send: (more: string) => void) => void): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(bytes);
      then?.((more) => socket.write(more));
    });
    socket.on('data', (data) => (said += data));
    socket.on('error', () => {});
    socket.on('close', () => resolve(said));
  });
}

describe('the private listener', () => {
  test('says that it lives, and whether it could take something', async () => {
    let there = true;
    const { url } = await open({ ready: async () => there });
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ alive: true });
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    there = false;
    const unready = await fetch(`${url}/readyz`);
    expect([unready.status, await unready.json()]).toEqual([503, expect.objectContaining({ ready: false, why: expect.stringContaining('database') })]);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('answers what it does not know in JSON, and lets no page of another origin read anything', async () => {
    const { url } = await open();
    const nothing = await fetch(`${url}/../../etc/passwd`, { headers: { origin: 'https://evil.example' } });
    expect([nothing.status, await nothing.json()]).toEqual([404, expect.objectContaining({ what: 'There is nothing here.' })]);
    expect([...nothing.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    const preflight = await fetch(`${url}/echo`, { method: 'OPTIONS', headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' } });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([404, null]);
    expect(nothing.headers.get('cache-control')).toBe('no-store');
  });

  test('a fault of ours is an id, and the log has the rest', async () => {
    const { url, log } = await open();
    const failed = await fetch(`${url}/fails`);
    const text = await failed.text();
    expect(failed.status).toBe(500);
    expect(text).not.toContain('hunter2');
    const { error } = JSON.parse(text) as { error: string };
    expect(JSON.stringify(log.said)).toContain(error);
    await fetch(`${url}/calendar/a-secret-token`);
    expect(JSON.stringify(log.said)).not.toContain('a-secret-token');
    expect(await (await fetch(`${url}/refuses`)).json()).toEqual({ what: 'Not like this.' });
  });

  test('reads no body larger than it needs, with or without its length', async () => {
    const { url } = await open();
    const echo = (body: string | ReadableStream) => fetch(`${url}/echo`, { method: 'POST', body, duplex: 'half' } as RequestInit);
    const inParts = (count: number) =>
      new ReadableStream({
        start(controller) {
          for (let n = 0; n < count; n++) controller.enqueue(new TextEncoder().encode(n === 0 ? '"' : 'x'.repeat(8 * 1024)));
          controller.enqueue(new TextEncoder().encode('"'));
          controller.close();
        },
      });
    expect((await echo('x'.repeat(LARGEST + 1))).status).toBe(413);
    expect((await echo(inParts(10))).status).toBe(413);
    expect(await (await echo(`"${'x'.repeat(LARGEST - 2)}"`)).json()).toEqual({ length: LARGEST - 2 });
    expect(await (await echo(inParts(5))).json()).toEqual({ length: 4 * 8 * 1024 });
  });

  test('waits for nobody who sends slowly', async () => {
    const { port } = await open();
    const [head, body] = await Promise.all([
      raw(port, 'POST /echo HTTP/1.1\r\nHost: x\r\n', (send) => send('X-Slow: ')),
      raw(port, 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{'),
    ]);
    expect(head).toMatch(/^HTTP\/1\.1 408 .*"what":"Request Timeout/s);
    expect(body).toMatch(/^HTTP\/1\.1 40[08] |^$/);
  });

  test.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['a head without end', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
    [
      'two lengths',
      'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n',
      /^HTTP\/1\.1 400 /,
    ],
    ['no host', 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['a host that is none', 'GET /healthz HTTP/1.1\r\nHost: a b\\c\r\nConnection: close\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['another line in a header', 'GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\rSet-Cookie: b\r\nConnection: close\r\n\r\n', /^HTTP\/1\.1 400 /],
  ])('refuses %s', async (_what, bytes, says) => {
    const { port, url } = await open();
    expect(await raw(port, bytes)).toMatch(says);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('a crowd that says nothing keeps nobody out for long', async () => {
    const { port, url } = await open();
    const crowd = Array.from({ length: 20 }, () => raw(port, ''));
    await Promise.all(crowd);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('a port that is taken gives way to a free one, and that is said', async () => {
    const first = await open();
    const second = await open({ port: first.port });
    expect(second.taken).toBe(first.port);
    expect(second.port).not.toBe(first.port);
    expect((await fetch(`${second.url}/healthz`)).status).toBe(200);
  });

  test('ends in time, though an answer does not come', async () => {
    const { url, close } = await open();
    const hanging = fetch(`${url}/hangs`).catch((error: Error) => error);
    await fetch(`${url}/healthz`);
    const started = performance.now();
    await close();
    expect(performance.now() - started).toBeLessThan(1500);
    expect(await hanging).toBeInstanceOf(Error);
  });
});

test('the port: what was said to Holdfast alone, the file, the one after the public one, 8081', () => {
  expect(wantedPort({ PRIVATE_PORT: '9000', PORT: '3000' }, 9001)).toBe(9000);
  expect(wantedPort({ PORT: '3000' }, 9001)).toBe(9001);
  expect(wantedPort({ PORT: '3000' }, undefined)).toBe(3001);
  expect(wantedPort({}, undefined)).toBe(8081);
  expect(wantedPort({ PORT: '65535' }, undefined)).toBe(0);
  expect(wantedPort({}, undefined, 9080)).toBe(9081);
  expect([publicPort({}, undefined), publicPort({}, 9080), publicPort({ PORT: '3000' }, 9080), publicPort({ PORT: '0' }, 9080)]).toEqual([8080, 9080, 3000, 0]);
  for (const wrong of ['http', '-1', '70000', '80 80']) expect(() => wantedPort({ PRIVATE_PORT: wrong }, undefined)).toThrow(Refusal);
});
