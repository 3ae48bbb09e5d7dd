import { expect, onTestFinished, test, vi } from 'vitest';
import { type Delivery, together } from '../../../src/ingest/senders/together.ts';
import { Wrong } from '../../../src/ingest/wrong.ts';
import type { Db, Tx } from '../../../src/store/db.ts';
import { sender } from './a-sender.ts';

/** Deliveries called by a name, and a database that commits when it is told to; what was begun together. */
function atHand() {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const begun: string[][] = [];
  const open: { commit(): void; fail(): void }[] = [];
  const db = {
    tx: async (work: (tx: Tx) => Promise<unknown>) => {
      const result = await work({} as Tx);
      await new Promise<void>((resolve, reject) => open.push({ commit: resolve, fail: () => reject(new Error('no')) }));
      return result;
    },
  } as unknown as Db;
  const nameOf = ({ told }: Delivery): string => told.events[0]?.summary ?? '';
  const commit = together(
    db,
    async (_tx, deliveries) => {
      begun.push(deliveries.map(nameOf));
      return deliveries.map(nameOf);
    },
    (why) => new Wrong(503, why),
  );
  const send = (name: string) => {
    const event = { integration: 'it', dedup: name, state: 'firing' as const, summary: name, urgency: 'low' as const, hosts: [], details: {} };
    return commit({ from: sender('generic'), told: { events: [event] } }).then(
      (answer) => `${answer} taken`,
      (error: Error) => `${name} ${error instanceof Wrong ? 'refused' : 'failed'}`,
    );
  };
  const settled = () => vi.advanceTimersByTimeAsync(0);
  return { begun, open, send, settled };
}

test('what comes while a transaction is under way goes together with the next, and each is answered for itself', async () => {
  const { begun, open, send, settled } = atHand();
  const all = [send('a'), send('b'), send('c')];
  await settled();
  expect(begun).toEqual([['a']]);
  open[0]?.commit();
  await settled();
  expect(begun).toEqual([['a'], ['b', 'c']]);
  open[1]?.commit();
  expect(await Promise.all(all)).toEqual(['a taken', 'b taken', 'c taken']);
});

test('what was refused before its turn came is not begun, and what was begun keeps nobody waiting for ever', async () => {
  const { begun, open, send, settled } = atHand();
  const [a, b] = [send('a'), send('b')];
  await vi.advanceTimersByTimeAsync(2_000);
  expect([await a, await b]).toEqual(['a refused', 'b refused']);
  await vi.advanceTimersByTimeAsync(7_000);
  const c = send('c');
  await settled();
  expect(begun).toEqual([['a']]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(begun).toEqual([['a'], ['c']]);
  open[1]?.commit();
  expect(await c).toBe('c taken');
});

test('one that cannot be written takes no other with it', async () => {
  const { begun, open, send, settled } = atHand();
  const all = [send('a'), send('b'), send('c')];
  await settled();
  open[0]?.commit();
  await settled();
  for (const end of ['fail', 'fail', 'commit'] as const) {
    open.at(-1)?.[end]();
    await settled();
  }
  expect(begun).toEqual([['a'], ['b', 'c'], ['b'], ['c']]);
  expect(await Promise.all(all)).toEqual(['a taken', 'b failed', 'c taken']);
});
