import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineCommand } from '../../src/chat/command.ts';
import { askControl, connectControl, typeLine } from '../../src/control/client.ts';
import { socketPath } from '../../src/control/place.ts';
import { serveControl } from '../../src/control/server.ts';
import { Refusal } from '../../src/lib/refusal.ts';
import type { Store } from '../../src/store/db.ts';
import { openDb } from '../../src/store/open.ts';
import { spine } from '../spine.ts';
import { kept, quiet } from '../store/quiet.ts';

let runs = 0;
const commands = [
  defineCommand({
    name: 'count',
    summary: 'counts how often it ran',
    examples: [],
    role: 'known',
    options: z.object({}),
    run: async () => {
      runs += 1;
      return { card: { title: 'Counted.' } };
    },
  }),
];

let db: Store;
beforeAll(async () => {
  db = await openDb({ memory: true, log: quiet });
  return () => db.close();
});

let dataDir: string;
let log = kept();
let world: Awaited<ReturnType<typeof spine>>;
let control: Awaited<ReturnType<typeof serveControl>>;
const serve = async (): Promise<void> => {
  control = await serveControl({
    dataDir,
    lines: world.lines,
    attached: world.attached,
    log,
    actorOf: (login) => (login === 'ada-at-work' ? 'ada' : 'root'),
    async export(file) {
      if (file === 'ours') throw new TypeError('x is not a function');
      throw new Refusal('The file cannot be written. Name another.');
    },
    publish: async (dir) => `published to ${dir}`,
    doctor: async () => [{ name: 'all', ok: true }],
    hello: async () => '493021',
  });
};
beforeEach(async () => {
  runs = 0;
  log = kept();
  dataDir = mkdtempSync(join(tmpdir(), 'holdfast-control-'));
  world = await spine(db, { commands, log });
  await serve();
});
afterEach(async () => {
  await control.close();
  await world.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const type = (text: string, over: Partial<Parameters<typeof typeLine>[0]> = {}) => {
  const printed: string[] = [];
  const outcome = typeLine({ dataDir, text, login: 'ada-at-work', zone: 'UTC', print: (shown) => void printed.push(shown), warn() {}, ...over });
  return { printed, outcome };
};
/** Sends bytes as they are; resolves to what came back when the server closed or answered. */
const raw = (bytes: string | Buffer): Promise<string> =>
  new Promise((resolve) => {
    const socket = createConnection(socketPath(dataDir));
    let came = '';
    socket.on('data', (data) => {
      came += data;
      socket.end();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(came));
    socket.write(bytes);
  });

describe('the control socket', () => {
  test('is for its owner alone', () => {
    expect(statSync(socketPath(dataDir)).mode & 0o777).toBe(0o600);
  });

  test('types a line as the person whose login it is, and brings answer and end', async () => {
    const { outcome, printed } = type('count');
    expect(await outcome).toBe('ok');
    expect(printed).toEqual(['Counted.']);
    const [row] = await db.query<{ who: string; outcome: string }>('select who, outcome from audit order by id desc limit 1');
    expect(row).toEqual({ who: 'ada', outcome: 'ok' });
  });

  test.each([
    ['null', 'null\n'],
    ['a number', '7\n'],
    ['no JSON', 'GET / HTTP/1.1\n'],
    ['bytes of nothing', Buffer.from([0xff, 0xfe, 0x0a])],
    ['a line that is none', '{"op":"line"}\n'],
    ['a line of other things than words', '{"op":"line","id":{},"text":{},"login":[],"zone":7}\n'],
  ])('closes on %s, and serves the next', async (_, bytes) => {
    expect(await raw(bytes)).toBe('');
    expect(await type('count').outcome).toBe('ok');
  });

  test.each(['[]', '{}', '{"op":"stop"}', '{"op":"export"}'])('answers %s with a no, and serves the next', async (frame) => {
    expect(await raw(`${frame}\n`)).toMatch(/"op":"done","ok":false/);
    expect(await type('count').outcome).toBe('ok');
  });

  test('shows a refusal word for word, and an error of ours by the id under which it is logged', async () => {
    const first = await connectControl(dataDir);
    expect(await askControl(first as never, { op: 'export', file: 'x' })).toMatchObject({ ok: false, says: 'The file cannot be written. Name another.' });
    const second = await connectControl(dataDir);
    const { says } = await askControl(second as never, { op: 'export', file: 'ours' });
    const id = log.said.find(({ level }) => level === 'error')?.fields.id;
    expect(says).toContain(`(${id})`);
    expect(says).not.toContain('not a function');
  });

  test('a client that went away in the middle and asks again under its id gets the answer, and nothing is done twice', async () => {
    const frame = JSON.stringify({ op: 'line', id: 'again-1', text: 'count', login: 'ada-at-work', zone: 'UTC' });
    await new Promise<void>((resolve) => {
      const socket = createConnection(socketPath(dataDir));
      // Gone as soon as the line is taken, and whatever was shown was never acknowledged.
      socket.once('data', () => socket.destroy());
      socket.once('close', () => resolve());
      socket.write(`${frame}\n`);
    });
    const { outcome, printed } = type('count', { id: 'again-1' });
    expect(await outcome).toBe('ok');
    expect(printed).toEqual(['Counted.']);
    expect(runs).toBe(1);
  });

  test('a server that went away under a client is found again, and the line is asked for again', async () => {
    await control.close();
    expect(await type('count').outcome).toBeUndefined();
    // One that dies when it has read the line.
    let cut = 0;
    const dying = createServer((socket) => {
      cut += 1;
      socket.once('data', () => socket.destroy());
    });
    await new Promise<void>((resolve) => dying.listen(socketPath(dataDir), resolve));
    const warned: string[] = [];
    const asked = type('count', { id: 'again-2', warn: (says) => void warned.push(says) });
    await expect.poll(() => cut).toBe(2);
    await new Promise((resolve) => dying.close(resolve));
    await serve();
    expect(await asked.outcome).toBe('ok');
    expect(asked.printed).toEqual(['Counted.']);
    expect(runs).toBe(1);
    // Said once, not with every try.
    expect(warned).toHaveLength(1);
  });
});
