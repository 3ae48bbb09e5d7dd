import { expect, test } from 'vitest';
import { makeCheckout } from '../../src/store/embedded/checkout.ts';
import { loadTemplate } from '../../src/store/embedded/template.ts';
import { startThread } from '../../src/store/embedded/thread.ts';
import { Wire } from '../../src/store/embedded/wire.ts';
import { openStore } from '../../src/store/pool.ts';
import { kept } from './quiet.ts';

test('a transaction that waits for something that never comes is said, rolled back and fails; everybody else goes on', async () => {
  const log = kept();
  const thread = await startThread({ memory: await loadTemplate() }, log);
  const shared = { thread, wires: new Set<Wire>(), checkout: makeCheckout(log, { say: 50, evict: 200 }) };
  const config = () => ({ stream: () => new Wire(shared, 'public') as never, ssl: false, user: 'postgres', password: '', database: 'postgres' });
  const db = openStore({ engine: 'embedded', log, config, closed: () => thread.close() });
  await db.query('CREATE TABLE t (n int)');
  let comes = (): void => {};
  const never = new Promise<void>((resolve) => {
    comes = resolve;
  });
  let holds = (): void => {};
  const held = new Promise<void>((resolve) => {
    holds = resolve;
  });
  const wedged = db.tx(async (tx) => {
    await tx.query('INSERT INTO t VALUES (1)');
    holds();
    await never;
    await tx.query('INSERT INTO t VALUES (2)');
  });
  await held;
  expect(await db.query('SELECT n FROM t')).toEqual([]);
  comes();
  await expect(wedged).rejects.toThrow();
  expect(await db.query('SELECT n FROM t')).toEqual([]);
  expect(log.said.map(({ message }) => message)).toEqual(
    expect.arrayContaining([
      'a transaction holds the embedded database and everybody waits',
      'a transaction that held the embedded database too long is rolled back',
    ]),
  );
  await db.close();
});
