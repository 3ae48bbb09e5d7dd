import { describe, expect, onTestFinished, test } from 'vitest';
import { openDb } from '../../../src/store/open.ts';
import { engines } from '../../engines.ts';
import { quietLog } from '../../quiet-log.ts';
import { atTheDoor, keyOf } from './at-the-door.ts';

const postgres = engines()[1];
const skip = postgres?.available === true ? '' : ` (skipped: ${postgres?.available})`;
const MINUTE = 60_000;

describe.skipIf(skip !== '')(`on a Postgres where several things happen at once${skip}`, () => {
  test('what is sent again while what was not is ended, and a Watchdog in the moment in which it is missed, wait for nobody: all are taken', {
    timeout: 90_000,
  }, async () => {
    const servers = await postgres?.start();
    // First said, last done: whoever still works at it has let go by then.
    onTestFinished(async () => servers?.stop());
    const store = await openDb({ ...(servers?.databaseUrl && { databaseUrl: servers.databaseUrl }), log: quietLog });
    const { http, pass, log, db } = await atTheDoor({
      store,
      config: { heartbeats: { prometheus: { watchdog: 'alertmanager', every: '1m', grace: '1m', service: 'web' } } },
    });
    const headers = { 'content-type': 'application/json' };
    const resend = () =>
      fetch(`${http.url}/in/prometheus/${keyOf('prometheus')}/api/v2/alerts`, {
        method: 'POST',
        headers,
        body: JSON.stringify(Array.from({ length: 30 }, (_, n) => ({ labels: { alertname: 'Full', instance: `web0${(n % 4) + 1}`, disk: String(n) } }))),
      });
    const watchdog = () =>
      fetch(`${http.url}/in/alertmanager/${keyOf('alertmanager')}`, {
        method: 'POST',
        headers,
        body: JSON.stringify({
          version: '4',
          groupKey: 'w',
          alerts: [
            { status: 'firing', labels: { alertname: 'Watchdog' }, fingerprint: 'w' },
            { status: 'firing', labels: { alertname: 'Slow', instance: 'web01' }, startsAt: '2026-11-17T08:00:00Z', fingerprint: 's' },
          ],
        }),
      });
    const statuses = new Set<number>();
    for (let n = 0; n < 8; n += 1) {
      const all = [resend(), watchdog(), pass(n % 2 === 0 ? 5 * MINUTE : 2 * MINUTE), resend(), watchdog()];
      for (const answer of await Promise.all(all)) if (answer instanceof Response) statuses.add(answer.status);
    }
    await pass(6 * MINUTE);
    expect([...statuses]).toEqual([200]);
    expect(log.said.filter(({ level }) => level === 'error')).toEqual([]);
    expect(await db.query(`select count(*)::int as n from alerts where integration = 'prometheus' and state = 'firing'`)).toEqual([{ n: 0 }]);
    expect(await db.query(`select count(*)::int as n from alerts where integration = 'heartbeat' and state = 'firing'`)).toEqual([{ n: 1 }]);
  });
});
