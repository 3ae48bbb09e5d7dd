import { expect, test } from 'vitest';
import type { AlertEvent } from '../../src/alerts/event.ts';
import { takeAlerts } from '../../src/alerts/take.ts';
import { alertsAtWork } from './alerts-at-work.ts';

test('five thousand hosts in one delivery are the statements of a few, and one page for each who answers', { timeout: 120_000 }, async () => {
  const each = Array.from({ length: 5_000 }, (_, n) => ({ name: `web${String(n + 1).padStart(4, '0')}`, groups: ['all', n % 2 === 0 ? 'web' : 'db'] }));
  const work = await alertsAtWork({ hosts: each, config: { services: { web: { owner: 'ada', hosts: '@web' }, db: { owner: 'ben', hosts: '@db' } } } });
  const events = each.map(
    ({ name }): AlertEvent => ({ integration: 'prometheus', dedup: name, state: 'firing', summary: 'HTTP 5xx', urgency: 'high', hosts: [name], details: {} }),
  );
  const statements = async (state: AlertEvent['state']): Promise<number> => {
    let count = 0;
    await work.db.tx(async (tx) => {
      const counted = {
        ...tx,
        query: <Row>(sql: string, params?: readonly unknown[]): Promise<Row[]> => {
          count += 1;
          return tx.query<Row>(sql, params);
        },
      };
      await takeAlerts(
        counted,
        work.ops,
        events.map((event) => ({ ...event, state })),
        work.clock.now(),
      );
    });
    return count;
  };
  expect(await statements('firing')).toBeLessThan(50);
  expect((await work.pages()).map((page) => page.slice(0, 36))).toEqual([
    expect.stringMatching(/^PG1 open .*2500 alerts of/),
    expect.stringMatching(/^PG2 open .*2500 alerts of/),
  ]);
  expect(await statements('firing')).toBeLessThan(10);
  expect(await statements('resolved')).toBeLessThan(40);
  expect((await work.pages()).every((page) => page.includes('resolved'))).toBe(true);
});
