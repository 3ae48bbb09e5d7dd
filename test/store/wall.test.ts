import { expect, test } from 'vitest';
import { startClock } from '../../src/lib/clocks.ts';
import type { Queries } from '../../src/store/db.ts';
import { wallOf } from '../../src/store/wall.ts';

const HOUR = 3_600_000;
const BEGIN = Date.UTC(2026, 10, 26, 12);

/** A database and a machine whose clocks are moved by hand, and the domain time of a process there. */
async function process() {
  const at = { database: BEGIN, wall: BEGIN, monotonic: 0, down: false, asked: 0 };
  const db = {
    query: async () => {
      at.asked += 1;
      if (at.down) throw new Error('nobody answers');
      return [{ at: new Date(at.database) }];
    },
  } as Queries;
  const here = { wall: () => at.wall, monotonic: () => at.monotonic };
  const wall = await wallOf(db, here);
  const clock = startClock({ sources: { wall: wall.now, monotonic: here.monotonic } });
  const pass = (ms: number): void => {
    at.database += ms;
    at.wall += ms;
    at.monotonic += ms;
  };
  return { at, clock, wall, pass };
}

test.each([
  ['forward', HOUR],
  ['back', -HOUR],
])('a machine whose clock is set %s an hour under a running process changes nothing, also while the database is away', async (_, by) => {
  const { at, clock, wall, pass } = await process();
  pass(10_000);
  at.wall += by;
  at.down = true;
  expect(clock.now()).toBe(BEGIN + 10_000);
  pass(10_000);
  expect(clock.now()).toBe(BEGIN + 20_000);
  await wall.look();
  at.down = false;
  await wall.look();
  expect(clock.now()).toBe(BEGIN + 20_000);
});

test('a database that is away is not asked for each look at the clock of a machine that was set', async () => {
  const { at, clock, pass } = await process();
  pass(10_000);
  [at.wall, at.down, at.asked] = [at.wall + HOUR, true, 0];
  for (let n = 0; n < 50; n += 1) {
    clock.now();
    await Promise.resolve();
  }
  expect(at.asked).toBe(1);
});

test('a machine that slept for an hour, whose own clock stood still, is with the database again as soon as it has asked', async () => {
  const { at, clock, wall, pass } = await process();
  pass(10_000);
  at.database += HOUR;
  at.wall += HOUR;
  clock.now();
  await wall.look();
  expect(clock.now()).toBe(BEGIN + 10_000 + HOUR);
});
