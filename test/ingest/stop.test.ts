import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ConfigSchema } from '../../src/config/schema.ts';
import { openIngest } from '../../src/ingest/open.ts';
import { startClock } from '../../src/lib/clocks.ts';
import { Refusal } from '../../src/lib/refusal.ts';
import type { Ops } from '../../src/ops.ts';
import { openStopSwitch } from '../../src/stop-switch.ts';
import type { Db, Store } from '../../src/store/db.ts';
import { openDb } from '../../src/store/open.ts';
import { temporary } from '../engines.ts';
import { kept } from '../store/quiet.ts';
import { AUTOMATION, KEY, listening, OTHER } from './a-listener.ts';

let store: Store;
beforeAll(async () => {
  store = await openDb({ memory: true, log: kept() });
});
afterAll(() => store.close());

/** The listener with a real stop switch and file, over a database that can be taken away; `refuses` = it says no, else it says nothing. */
async function withoutDatabase(how: 'refuses' | 'hangs') {
  const dataDir = temporary('stop');
  const log = kept();
  const clock = startClock();
  let gone = false;
  const away = <Answer>(asked: () => Promise<Answer>): Promise<Answer> => {
    if (!gone) return asked();
    return how === 'hangs' ? new Promise(() => {}) : Promise.reject(new Error('ECONNREFUSED'));
  };
  const db: Db = { ...store, engine: 'embedded', query: (sql, params) => away(() => store.query(sql, params)), tx: (work) => away(() => store.tx(work)) };
  await store.query(`delete from meta`);
  const stop = await openStopSwitch({ db, dataDir, clock, log });
  const config = ConfigSchema.parse({ automation: AUTOMATION });
  const http = await openIngest({
    ops: { config: () => config, stop, clock, people: () => [], fleet: () => ({ hosts: new Map(), groups: new Map() }) } as unknown as Ops,
    db,
    log,
    dataDir,
    env: { PRIVATE_PORT: '0' },
    renderers: {},
    take: () => away(async () => '1').catch(() => Promise.reject(new Refusal('Not taken: the database does not answer.'))),
    show: async () => ({}),
    sayLine: (name) => name,
  });
  onTestFinished(async () => {
    gone = false;
    await http.close();
    await stop.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  return {
    stop,
    dataDir,
    takeAway: () => {
      gone = true;
    },
    async post(path: string, body: unknown) {
      const started = performance.now();
      const response = await fetch(http.url + path, {
        method: 'POST',
        headers: { authorization: `Bearer ${KEY}`, 'idempotency-key': 'k' },
        body: JSON.stringify(body),
      });
      return { status: response.status, json: (await response.json()) as Record<string, unknown>, took: performance.now() - started };
    },
    get: async (path: string) => (await fetch(http.url + path)).status,
  };
}

describe('while the database is away', () => {
  test.each(['refuses', 'hangs'] as const)('and %s, stop is in force before it is answered, by the file alone', async (how) => {
    const { stop, dataDir, takeAway, post } = await withoutDatabase(how);
    takeAway();
    const answer = await post('/v1/stop', { because: 'the gateway flaps' });
    expect(answer).toMatchObject({ status: 200, json: { stopped: true, by: 'machine:ci', because: 'the gateway flaps', recorded: false } });
    expect(existsSync(join(dataDir, 'stop.json'))).toBe(true);
    expect(stop.state()).toMatchObject({ stopped: true, by: 'machine:ci' });
    expect(answer.took).toBeLessThan(3000);
  });

  test.each(['refuses', 'hangs'] as const)('and %s, nothing is acknowledged: 503 within 2 s, and what to do', async (how) => {
    const { takeAway, post, get } = await withoutDatabase(how);
    expect(await get('/readyz')).toBe(200);
    takeAway();
    const answer = await post('/v1/runs', { command: 'check @all' });
    expect(answer).toMatchObject({ status: 503, json: { what: 'Not taken.', do: expect.stringContaining('same Idempotency-Key') } });
    expect(answer.took).toBeLessThan(3000);
    expect(await get('/readyz')).toBe(503);
    expect(await get('/healthz')).toBe(200);
    expect((await post('/v1/stop', { run: 'R1' })).status).toBe(503);
    expect(await get(`/calendar/${'A'.repeat(32)}.ics`)).toBe(404);
  });
});

describe('stop by a machine', () => {
  const hosts = [
    { name: 'web01', site: 'bne', ring: 'lab' },
    { name: 'web02', site: 'mel', ring: 'lab' },
  ];

  test('of everything is the same as when it is typed', async () => {
    const { post, ops, db } = await listening({ hosts });
    expect(await post('/v1/stop', { because: 'the "gateway" flaps --json batch 3' })).toMatchObject({
      status: 200,
      json: { stopped: true, because: 'the "gateway" flaps --json batch 3', recorded: true, answer: { in_flight: [] } },
    });
    expect(ops.stop.state()).toMatchObject({ stopped: true, by: 'machine:ci', because: 'the "gateway" flaps --json batch 3' });
    expect(await db.query(`select who, outcome from audit`)).toEqual([{ who: 'machine:ci', outcome: 'ok' }]);
    expect((await post('/v1/stop', {})).status).toBe(200);
  });

  test('of one run, or of what touches hosts, is in force when it is answered', async () => {
    const { post, begin, run } = await listening({ hosts });
    await begin('shake web01 at 2026-12-24 18:00', 'ada');
    await begin('shake web02 at 2026-12-24 18:00', 'ada');
    await expect.poll(async () => (await run('R2')).state).toBe('planned');
    expect((await post('/v1/stop', { run: 'r1' }, { key: OTHER })).status).toBe(200);
    expect((await run('R1')).state).toBe('cancelled');
    expect((await post('/v1/stop', { target: 'web02' })).status).toBe(200);
    expect((await run('R2')).state).toBe('cancelled');
    expect(await post('/v1/stop', { run: 'R7' })).toMatchObject({ status: 422, json: { what: expect.stringContaining('There is no R7') } });
  });

  test.each([
    ['both', { run: 'R1', target: '@all' }],
    ['a number', { run: 1 }],
    ['another key', { everything: true }],
    ['a reason without end', { because: 'x'.repeat(501) }],
    ['an expression that is more than one', { target: '@all" because "' }],
  ])('%s is refused, and nothing is stopped', async (_what, body) => {
    const { post, stop } = await withoutDatabase('refuses');
    const { status } = await post('/v1/stop', body);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(stop.state().stopped).toBe(false);
  });
});
