import { expect, onTestFinished, test } from 'vitest';
import { startClock } from '../../src/lib/clocks.ts';
import * as rooms from '../../src/rooms.ts';
import { approve } from '../../src/runs/approve.ts';
import { planRun } from '../../src/runs/plan.ts';
import { openDb } from '../../src/store/open.ts';
import { startWork } from '../../src/store/outbox.ts';
import { quiet } from '../store/quiet.ts';
import { byHand } from './by-hand.ts';

const HOUR = 3_600_000;

/** A host that has to be looked at again in an hour. */
async function waiting() {
  const db = await openDb({ memory: true, log: quiet });
  onTestFinished(() => db.close());
  const clock = startClock({ speed: 2, anchor: Date.UTC(2026, 10, 17, 9) });
  const run = byHand(
    { ...rooms, planRun, approve, startWork },
    {
      db,
      clock,
      hosts: [{ name: 'web1', site: 'bne', ring: 'prod' }],
      pace: { first: [], hosts: 1, soakCanary: 0, soakWave: 0 },
      job: {
        verify: async (_, { since }) => (clock.now() < since + HOUR ? { step: 'wait', lookAgainIn: HOUR, waitingFor: 'it to stand still' } : { step: 'done' }),
      },
    },
  );
  await run.know();
  await run.begin();
  const timer = async () =>
    (await db.query<{ id: string; kind: string; ref: string; due: Date }>(`select id, kind, ref, due from timers where kind = 'step'`))[0];
  while (!(await timer()) && (await run.next())) {}
  const first = await timer();
  if (!first) throw new Error('no host waits for its time');
  return {
    db,
    clock,
    run,
    timer,
    first,
    /** The timer rings, whatever this process thinks of the time, and this process does what comes of it. */
    async ring() {
      const rung = await timer();
      if (!rung) throw new Error('nobody will come back to the host');
      await db.tx(async (tx) => {
        await tx.query(`delete from timers where id = $1`, [rung.id]);
        await run.rooms.timers.step?.(tx, { ...rung, data: {}, rev: 0 });
      });
      while ((await db.query(`select 1 from outbox where state = 'waiting'`)).length > 0) await run.next();
    },
    state: async () => (await db.query<{ state: string }>(`select state from runs`))[0]?.state,
  };
}

test('a host whose time came in a process that was killed is not forgotten by the next one, for which it is not yet time', { timeout: 60_000 }, async () => {
  const { run, timer, first, ring, state } = await waiting();
  await ring();
  expect((await timer())?.due.getTime()).toBeGreaterThanOrEqual(first.due.getTime());
  await run.finish();
  expect(await state()).toBe('done');
});

test('a machine that is ahead rings for one that is behind: late by what it is ahead, and not over and over', { timeout: 60_000 }, async () => {
  const { clock, timer, ring, state } = await waiting();
  const ahead = 60_000;
  let rung = 0;
  for (; (await state()) !== 'done' && rung < 10; rung += 1) {
    clock.jumpTo(((await timer())?.due.getTime() ?? 0) - ahead);
    await ring();
  }
  expect(await state()).toBe('done');
});
