import { beforeEach, expect, test, vi } from 'vitest';
import { type Looked, runLanes } from '../../src/deliver/lanes.ts';

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

/** Something is due in one channel, told of once; what its looks come to, one after the other. Answers how often it was looked at. */
async function told(options: { looks: (() => Promise<Looked>)[]; parallel?: number }): Promise<{ looks(): number; failures: unknown[] }> {
  let looks = 0;
  const failures: unknown[] = [];
  const lanes = runLanes({
    atOnce: 4,
    discover: async () => [{ channel: 'C0OPS', due: 0 }],
    work: async () => options.looks[looks++]?.() ?? {},
    parallel: () => options.parallel ?? 1,
    failed: (error) => void failures.push(error),
  });
  lanes.wake();
  await vi.advanceTimersByTimeAsync(100);
  return { looks: () => looks, failures };
}

test('a platform that takes nothing for five seconds: what waited in the channel is tried again after them, without anything new', async () => {
  const { looks } = await told({ looks: [async () => ({ stop: 5_000 })] });
  expect(looks()).toBe(1);
  await vi.advanceTimersByTimeAsync(4_800);
  expect(looks()).toBe(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(looks()).toBe(2);
});

test('so it is where another answer was looked for at the same time and none was found', async () => {
  const after = (ms: number, looked: Looked) => () => new Promise<Looked>((resolve) => setTimeout(resolve, ms, looked));
  const { looks } = await told({ looks: [after(10, { stop: 5_000 }), after(20, {})], parallel: 2 });
  expect(looks()).toBe(2);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(looks()).toBeGreaterThan(2);
});

test('a channel in which nothing waits any more is not looked at again', async () => {
  const { looks, failures } = await told({ looks: [async () => ({ rest: 1_000 }), async () => ({})] });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(looks()).toBe(2);
  expect(failures).toEqual([]);
});
