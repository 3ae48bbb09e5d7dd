import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { startClock } from '../../src/lib/clocks.ts';

/** A machine whose two clocks are moved by hand. */
function machine(wall: number) {
  const at = { wall, monotonic: 0 };
  return {
    at,
    sources: { wall: () => at.wall, monotonic: () => at.monotonic },
    pass(ms: number) {
      at.wall += ms;
      at.monotonic += ms;
    },
  };
}

describe('domain time', () => {
  test('follows the wall clock in real use', () => {
    const { at, sources, pass } = machine(1_000_000);
    const clock = startClock({ sources });
    pass(5000);
    expect(clock.now()).toBe(1_005_000);
    at.wall += 60_000; // the machine slept: its monotonic clock stood still
    expect(clock.now()).toBe(1_065_000);
  });

  test('goes on, at half speed, when the wall clock is set back an hour', () => {
    const { at, sources, pass } = machine(10_000_000);
    const clock = startClock({ sources });
    at.wall -= 3_600_000;
    const before = clock.now();
    expect(before).toBe(10_000_000);
    pass(10_000);
    expect(clock.now()).toBe(10_005_000);
    for (let hour = 0; hour < 2.2; hour += 0.01) {
      pass(36_000);
      clock.now();
    }
    expect(Math.abs(clock.now() - at.wall)).toBeLessThanOrEqual(1000);
  });

  test('runs sixty times faster in the sandbox, from where it was left', () => {
    const { sources, pass } = machine(5_000);
    const clock = startClock({ speed: 60, anchor: 1_000_000, sources });
    pass(1000);
    expect(clock.now()).toBe(1_060_000);
    expect(clock.wallUntil(1_120_000)).toBe(1000);
  });

  test('jumps forward on demand, wakes the sleepers, and never jumps back', () => {
    const { sources } = machine(0);
    const clock = startClock({ speed: 60, anchor: 1000, sources });
    let woken = 0;
    clock.onJump(() => {
      woken += 1;
    });
    clock.jumpTo(500);
    expect([clock.now(), woken]).toEqual([1000, 0]);
    clock.jumpTo(90_000);
    expect([clock.now(), woken]).toEqual([90_000, 1]);
  });

  test('never goes backwards, whatever the machine does to its clocks', () => {
    const step = fc.record({ wall: fc.integer({ min: -7_200_000, max: 7_200_000 }), monotonic: fc.integer({ min: 0, max: 100_000 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), fc.constantFrom(1, 60), (steps, speed) => {
        const { at, sources } = machine(100_000_000);
        const clock = startClock({ sources, speed });
        let last = clock.now();
        for (const { wall, monotonic } of steps) {
          at.wall += wall;
          at.monotonic += monotonic;
          const now = clock.now();
          expect(now).toBeGreaterThanOrEqual(last);
          last = now;
        }
      }),
    );
  });
});
