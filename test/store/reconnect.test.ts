import { createServer } from 'node:net';
import pg from 'pg';
import { expect, test } from 'vitest';
import { hearNotifications } from '../../src/store/listen.ts';
import { engines } from '../engines.ts';
import { quiet } from './quiet.ts';

const [postgres] = engines().filter(({ name }) => name === 'postgres');
const why = postgres?.available === true ? '' : ` — skipped: ${postgres?.available}`;

test.skipIf(postgres?.available !== true)(
  `a server that takes connections and closes them is asked again and again, never by more and more at once${why}`,
  async () => {
    const running = await (postgres as NonNullable<typeof postgres>).start();
    const times: number[] = [];
    const rude = createServer((socket) => {
      times.push(Date.now());
      socket.destroy();
    });
    await new Promise<void>((resolve) => rude.listen(0, '127.0.0.1', resolve));
    const { port } = rude.address() as { port: number };
    let polite = true;
    let first: pg.Client | undefined;
    const heard: string[] = [];
    const listener = hearNotifications(() => {
      const client = new pg.Client(polite ? running.databaseUrl : `postgres://postgres@127.0.0.1:${port}/postgres`);
      first ??= client;
      return client;
    }, quiet);
    try {
      await listener.listen('holdfast_inbox', (payload) => void heard.push(payload));
      polite = false;
      // As a proxy does that lost its server.
      (first as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
      await new Promise((resolve) => setTimeout(resolve, 3500));
      // 0.1, 0.2, 0.4, 0.8, 1.6 s … apart.
      expect(times.length).toBeGreaterThan(2);
      expect(times.length).toBeLessThan(8);
      polite = true;
      await expect.poll(() => heard, { timeout: 8000 }).toEqual(['']);
    } finally {
      await listener.close();
      rude.close();
      await running.stop();
    }
  },
);
