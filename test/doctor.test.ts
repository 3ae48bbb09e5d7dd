import { beforeAll, expect, test } from 'vitest';
import { ConfigSchema } from '../src/config/schema.ts';
import { examine } from '../src/doctor.ts';
import type { Ssh } from '../src/fleet/ssh/transport.ts';
import type { Ops } from '../src/ops.ts';
import type { WorkQueue } from '../src/queue/queue.ts';
import type { Store } from '../src/store/db.ts';
import { openDb } from '../src/store/open.ts';
import { quiet } from './store/quiet.ts';

let db: Store;
beforeAll(async () => {
  db = await openDb({ memory: true, log: quiet });
  return () => db.close();
});

const ops = {
  config: () => ConfigSchema.parse({}),
  clock: { now: () => 0 },
  connections: { all: () => [] },
  records: { query: async () => [] },
  fleet: () => ({ hosts: new Map(), groups: new Map() }),
  people: () => [],
  known: async () => new Map(),
} as unknown as Ops;
const queueThat = async (health: ReturnType<WorkQueue['healthy']>, state: WorkQueue['state'] = async () => ({ waiting: 2, active: 1 })) => {
  const queue = { healthy: () => health, state } as WorkQueue;
  return (await examine({ ops, db, queue, ssh: {} as Ssh })).filter(({ name }) => name === 'queue');
};

test('a queue that takes work is well', async () => {
  expect(await queueThat({ ok: true, says: 'queue on Redis a:6379' })).toEqual([
    { name: 'queue', ok: true, says: 'queue on Redis a:6379; 2 waiting, 1 in hand' },
  ]);
});

test('one that refuses work is a problem, with the remedy for this refusal', async () => {
  const refused = { ok: false, says: 'Redis a:6379 is full', remedy: 'raise maxmemory' };
  expect(await queueThat(refused, async () => Promise.reject(new Error('OOM')))).toEqual([{ name: 'queue', ...refused }]);
});

test('one that may throw work away is a problem; one that forgets at a restart is said, and no alarm', async () => {
  const advice = [
    { says: 'evicts', remedy: 'set noeviction' },
    { says: 'forgets', remedy: 'set appendonly', bearable: true as const },
  ];
  expect((await queueThat({ ok: true, says: 'queue', advice })).slice(1)).toEqual([
    { name: 'queue', ok: false, says: 'evicts', remedy: 'set noeviction' },
    { name: 'queue', ok: true, says: 'forgets: set appendonly' },
  ]);
});
