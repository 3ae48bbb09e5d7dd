import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FIRST } from '../../src/store/db.ts';
import { type Holder, makeCheckout } from '../../src/store/embedded/checkout.ts';
import { kept } from './quiet.ts';

describe('the one session of the embedded store', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const holder = (doing: string): Holder & { evicted: number } => {
    const one = {
      doing,
      idleSince: Date.now(),
      evicted: 0,
      evict() {
        one.evicted += 1;
      },
    };
    return one;
  };

  test('goes round in the order it was asked for', async () => {
    const checkout = makeCheckout(kept());
    const order: string[] = [];
    const all = ['a', 'b', 'c'].map(holder);
    const turns = all.map(async (one) => {
      await checkout.take(one);
      order.push(one.doing);
      checkout.release(one);
    });
    await Promise.all(turns);
    expect(order).toEqual(['a', 'b', 'c']);
  });

  test('lets what is to go first go before the others that wait, in its own order', async () => {
    const checkout = makeCheckout(kept());
    const order: string[] = [];
    const all = ['a', 'b', `${FIRST} c`, `${FIRST} d`].map(holder);
    await Promise.all(
      all.map(async (one) => {
        await checkout.take(one);
        order.push(one.doing);
        checkout.release(one);
      }),
    );
    expect(order).toEqual(['a', `${FIRST} c`, `${FIRST} d`, 'b']);
  });

  test('a transaction that hangs is said after 10 s with what it did last, and rolled back after 60 s of silence', async () => {
    const log = kept();
    const checkout = makeCheckout(log);
    const hangs = holder('UPDATE hosts');
    await checkout.take(hangs);
    void checkout.take(holder('SELECT 1'));
    await vi.advanceTimersByTimeAsync(9_000);
    expect(log.said).toEqual([]);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(log.said).toMatchObject([{ level: 'warn', fields: { doing: 'UPDATE hosts', waiting: 1, next: 'SELECT 1' } }]);
    await vi.advanceTimersByTimeAsync(49_000);
    expect(hangs.evicted).toBeGreaterThan(0);
  });

  test('one that Postgres still works for is never taken for hanging', async () => {
    const log = kept();
    const checkout = makeCheckout(log);
    const busy = holder('VACUUM');
    await checkout.take(busy);
    busy.idleSince = 0;
    await vi.advanceTimersByTimeAsync(600_000);
    expect([log.said, busy.evicted]).toEqual([[], 0]);
  });
});
