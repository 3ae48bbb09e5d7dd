import { getEventListeners, once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { dial } from '../../../src/fleet/ssh/dial.ts';

test('nothing of a connection is kept once it has ended, however long its signal lives', async () => {
  const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const end = new AbortController();
  for (let n = 0; n < 3; n++) {
    const socket = await dial('127.0.0.1', port, 1000, end.signal);
    socket.resume();
    await once(socket, 'close');
  }
  expect(getEventListeners(end.signal, 'abort')).toEqual([]);
  server.close();
});

test('a signal ends a connection that is open, and one that is being opened', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const end = new AbortController();
  const open = await dial('127.0.0.1', port, 1000, end.signal);
  const closed = new Promise((resolve) => open.once('close', resolve));
  const opening = dial('127.0.0.1', port, 1000, end.signal);
  end.abort();
  await Promise.all([closed, expect(opening).rejects.toThrow('given up')]);
  await expect(dial('127.0.0.1', port, 1000, end.signal)).rejects.toThrow('given up');
  server.close();
});
