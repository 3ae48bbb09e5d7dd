import { expect, onTestFinished, test } from 'vitest';
import type { Pace } from '../../src/jobs.ts';
import { startClock } from '../../src/lib/clocks.ts';
import * as rooms from '../../src/rooms.ts';
import { approve } from '../../src/runs/approve.ts';
import { planRun } from '../../src/runs/plan.ts';
import { openDb } from '../../src/store/open.ts';
import { startWork } from '../../src/store/outbox.ts';
import { quiet } from '../store/quiet.ts';
import { blockedHosts, byHand, guests, rowsRead } from './by-hand.ts';

test('a host that ends in a run of 1,000 costs no more statements, and no more rows read, than in a run of 100; its card neither', {
  timeout: 180_000,
}, async () => {
  const few = await costs(100, { pace: FEW, from: 40, hosts: 20 });
  const many = await costs(1000, { pace: FEW, from: 300, hosts: 100 });
  expect(many.statements).toBeLessThanOrEqual(few.statements * 1.05);
  expect(many.shown).toBeLessThanOrEqual(few.shown + 5);
  for (const [name, read] of many.read) expect([name, read]).toEqual([name, expect.toSatisfy((rows: number) => rows <= (few.read.get(name) ?? 0) * 1.05 + 1)]);
});

test('where everything goes at once, ten times the hosts cost ten times as much, and not more', async () => {
  const few = await costs(200, { pace: ALL, from: 0, hosts: 200 });
  const many = await costs(2000, { pace: ALL, from: 0, hosts: 2000 });
  expect(many.statements).toBeLessThanOrEqual(few.statements);
  for (const [name, read] of many.read) expect([name, read]).toEqual([name, expect.toSatisfy((rows: number) => rows <= (few.read.get(name) ?? 0) * 1.05 + 1)]);
});

test('runs that wait for something else, runs nobody has approved, and thousands of timers add nothing to it', async () => {
  const alone = await costs(100, { pace: FEW, from: 40, hosts: 20 });
  const among = await costs(100, { pace: FEW, from: 40, hosts: 20, others: 30, timers: 5000 });
  expect(among.statements).toBeLessThanOrEqual(alone.statements * 1.05);
  // Whose places are looked at, and which of the open runs wait for them, is read in one statement each.
  expect(among.read.get('timers')).toBeLessThanOrEqual((alone.read.get('timers') ?? 0) + 1);
  expect(among.read.get('run_hosts')).toBeLessThanOrEqual((alone.read.get('run_hosts') ?? 0) * 1.05 + 1);
});

const FEW: Pace = { first: [1], hosts: 5, soakCanary: 0, soakWave: 0 };
const ALL: Pace = { first: [], soakCanary: 0, soakWave: 0, unbounded: true };

/** Statements, and rows read of each table, for each of so many hosts that ended after the first `from`; and rows read for one look at the card. */
async function costs(
  size: number,
  { pace, from, hosts, others = 0, timers = 0 }: { pace: Pace; from: number; hosts: number; others?: number; timers?: number },
) {
  const db = await openDb({ memory: true, log: quiet });
  onTestFinished(() => db.close());
  const clock = startClock({ speed: 2, anchor: Date.UTC(2026, 10, 17, 9) });
  const run = byHand({ ...rooms, planRun, approve, startWork }, { db, clock, hosts: [...guests(size), ...blockedHosts(others)], pace });
  await run.know();
  // What happened to others, long ago.
  await db.query(`insert into events (thing, rev, type, by, at) select 'R0', n, 'said', 'holdfast', now() from generate_series(1, $1) n`, [size]);
  if (others > 0) await run.besides(others, timers);
  await run.begin();
  await run.until(from);
  const before = await rowsRead(db);
  const statements = run.counted.statements;
  await run.until(from + hosts);
  const read = await rowsRead(db);
  expect(run.ended).toHaveLength(from + hosts);
  expect(await db.query(`select id from runs where state = 'running' and waiting -> 'on' ? 'site:blocked'`)).toHaveLength(others);
  await run.rooms.renderers.run?.(run.db, 'R1', { json: false, final: false, place: { zone: 'UTC' } });
  const shown = [...(await rowsRead(db))].reduce((sum, [name, rows]) => sum + rows - (read.get(name) ?? 0), 0);
  return {
    shown,
    statements: (run.counted.statements - statements) / hosts,
    read: new Map([...read].map(([name, rows]) => [name, (rows - (before.get(name) ?? 0)) / hosts])),
  };
}
