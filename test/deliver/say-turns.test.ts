import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Config } from '../../src/config/schema.ts';
import { openConnections } from '../../src/deliver/connections.ts';
import { type SaysTurns, sayTurns } from '../../src/deliver/say-turns.ts';
import { openTell } from '../../src/deliver/tell.ts';
import type { Store } from '../../src/store/db.ts';
import { openDb } from '../../src/store/open.ts';
import { kept, quiet } from '../store/quiet.ts';

const config = {
  slack: {},
  discord: {},
  timezone: 'UTC',
  channels: { ops: { slack: 'C0OPS', discord: '200000000000000001', news: ['incident'] }, runs: { slack: 'C0RUNS', news: ['run'] } },
} as unknown as Config;
let db: Store;
let log = kept();
let connections = openConnections();
let turns: SaysTurns;
beforeAll(async () => {
  db = await openDb({ memory: true, log: quiet });
  return () => db.close();
});
beforeEach(() => {
  log = kept();
  connections = openConnections();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const tell = openTell({ log, config: () => config, people: () => [] });
  turns = sayTurns({ db, log, connections, config: () => config, tell, now: Date.now });
});
afterEach(async () => {
  turns.close();
  vi.useRealTimers();
  await db.query('delete from messages');
});
const report = (ok: boolean, says: string) => connections.report({ name: 'slack socket 1', platform: 'slack', ok, says });
const told = async () =>
  (await db.query<{ channel: string; title: string }>(`select channel, body -> 'card' ->> 'title' as title from messages order by id`)).map(
    ({ channel, title }) => `${channel}: ${title}`,
  );

test('a connection that stays away is said in the log at once, and on the home channel of the other platform; so is its return', async () => {
  report(true, 'connected');
  report(false, 'no pong for 5 s');
  expect(log.said).toMatchObject([{ level: 'warn', message: 'a connection is gone', fields: { name: 'slack socket 1' } }]);
  await vi.advanceTimersByTimeAsync(30_000);
  vi.useRealTimers();
  await expect.poll(told).toEqual([expect.stringMatching(/^200000000000000001: slack socket 1 is gone since 20.*Z: no pong for 5 s$/)]);
  report(true, 'connected');
  await expect.poll(told).toEqual([expect.any(String), '200000000000000001: slack socket 1 is back: connected']);
});

test('one that comes back by itself within half a minute is in the log only', async () => {
  report(true, 'connected');
  report(false, 'refresh requested');
  await vi.advanceTimersByTimeAsync(6_000);
  report(true, 'connected');
  await vi.advanceTimersByTimeAsync(60_000);
  vi.useRealTimers();
  expect(await told()).toEqual([]);
  expect(log.said.map(({ message }) => message)).toEqual(['a connection is gone', 'a connection is back']);
});

test('one that is no chat platform’s is said on both', async () => {
  connections.report({ name: 'smtp', platform: 'smtp', ok: false, says: 'connection refused' });
  await vi.advanceTimersByTimeAsync(30_000);
  vi.useRealTimers();
  await expect.poll(async () => (await told()).map((one) => one.split(':')[0])).toEqual(['C0OPS', '200000000000000001']);
});

test('why this process ends is said on every home channel', async () => {
  await turns.last('Discord refuses the token (4004).');
  expect(await told()).toEqual([
    'C0OPS: Holdfast ends, for its supervisor to start it again: Discord refuses the token (4004).',
    '200000000000000001: Holdfast ends, for its supervisor to start it again: Discord refuses the token (4004).',
  ]);
});
