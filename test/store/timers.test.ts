import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type SettableClock, startClock } from '../../src/lib/clocks.ts';
import type { Db } from '../../src/store/db.ts';
import { openDb } from '../../src/store/open.ts';
import { armTimer, nextDue, runTimers, type TimerHandler } from '../../src/store/timers.ts';
import { quietLog } from '../quiet-log.ts';

let db: Db;
let clock: SettableClock;
const MINUTE = 60_000;

beforeAll(async () => {
  db = await openDb({ memory: true, log: quietLog });
});
afterAll(() => db.close());
beforeEach(async () => {
  await db.query('delete from timers');
  // Stands still: only jumps move it.
  clock = startClock({ speed: 60, anchor: Date.UTC(2026, 0, 1), sources: { wall: () => 0, monotonic: () => 0 } });
});

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const timers of running.splice(0)) await timers.close();
});

const arm = (ref: string, minutes: number): Promise<void> => db.tx((tx) => armTimer(tx, { kind: 'ring', ref, due: clock.now() + minutes * MINUTE }));

/** Runs timers that note who rang; `rang(n)` resolves when n have. */
async function bells(handler?: TimerHandler) {
  const heard: string[] = [];
  const waiting: { n: number; resolve(): void }[] = [];
  const failures: unknown[] = [];
  const timers = await runTimers({
    db,
    clock,
    failed: (error) => failures.push(error),
    handlers: {
      ring: async (tx, timer) => {
        const next = await handler?.(tx, timer);
        heard.push(timer.ref);
        for (const { n, resolve } of waiting) if (heard.length >= n) resolve();
        return next;
      },
    },
  });
  running.push(timers);
  const rang = (n: number): Promise<void> => new Promise((resolve) => (heard.length >= n ? resolve() : waiting.push({ n, resolve })));
  return { heard, rang, failures };
}

describe('timers', () => {
  test('ring in the order in which they are due, and none before its time', async () => {
    await arm('second', 20);
    await arm('first', 10);
    await arm('third', 30);
    const { heard, rang } = await bells();
    clock.jumpTo(clock.now() + 20 * MINUTE);
    await rang(2);
    expect(heard).toEqual(['first', 'second']);
    expect(await nextDue(db)).toBe(clock.now() + 10 * MINUTE);
  });

  test('an earlier one armed while the process sleeps is not missed', async () => {
    await arm('late', 600);
    const { heard, rang } = await bells();
    await arm('soon', 0);
    await rang(1);
    expect(heard).toEqual(['soon']);
  });

  test('arming the same one again moves it', async () => {
    await arm('moved', 10);
    await arm('moved', 50);
    await arm('other', 20);
    const { heard, rang } = await bells();
    clock.jumpTo(clock.now() + 20 * MINUTE);
    await rang(1);
    expect(heard).toEqual(['other']);
  });

  test('a handler that answers a time rings again then', async () => {
    let again = clock.now() + 5 * MINUTE;
    await arm('daily', 0);
    const { heard, rang } = await bells(async () => {
      again += 5 * MINUTE;
      return again;
    });
    await rang(1);
    clock.jumpTo(clock.now() + 10 * MINUTE);
    await rang(2);
    expect(heard).toEqual(['daily', 'daily']);
  });

  test('one whose handler fails stays armed and holds up no other', async () => {
    await arm('broken', 0);
    await arm('sound', 0);
    const { heard, rang, failures } = await bells(async (_, timer) => {
      if (timer.ref === 'broken') throw new Error('out of order');
      return undefined;
    });
    await rang(1);
    expect(heard).toEqual(['sound']);
    expect(failures).toHaveLength(1);
    const rows = await db.query<{ ref: string }>('select ref from timers');
    expect(rows).toEqual([{ ref: 'broken' }]);
  });

  test('one that rests after its handler failed is not what time waits for', async () => {
    await arm('broken', 0);
    await arm('later', 30);
    const { rang } = await bells(async (_, timer) => {
      if (timer.ref === 'broken') throw new Error('out of order');
      return undefined;
    });
    await arm('sound', 0);
    await rang(1);
    await expect.poll(() => nextDue(db)).toBe(clock.now() + 30 * MINUTE);
  });

  test('two processes ring each once', async () => {
    for (let n = 0; n < 250; n += 1) await arm(`bell ${n}`, 1);
    const [one, two] = [await bells(), await bells()];
    clock.jumpTo(clock.now() + MINUTE);
    await new Promise<void>((resolve) => {
      const look = setInterval(() => {
        if (one.heard.length + two.heard.length < 250) return;
        clearInterval(look);
        resolve();
      }, 5);
    });
    expect(new Set([...one.heard, ...two.heard]).size).toBe(250);
    expect(one.heard.length + two.heard.length).toBe(250);
  });
});
