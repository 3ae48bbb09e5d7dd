import { expect, test } from 'vitest';
import { examineSenders } from '../../src/ingest/examine.ts';
import { settleHeartbeats } from '../../src/ingest/heartbeats/missed.ts';
import { atTheDoor, keyOf, UUID } from './senders/at-the-door.ts';

const PINGS = `/ping/${keyOf('healthchecks')}`;
const MINUTE = 60_000;

test('a ping is answered word for word as healthchecks answers, by GET, POST and HEAD, and to any page', async () => {
  const { sent } = await atTheDoor();
  const plain = async (method: string, path: string, body?: string) => {
    const { status, text } = await sent(method, path, body === undefined ? {} : { body, headers: { 'content-type': 'text/plain' } });
    return `${status} ${text}`;
  };
  expect(await plain('GET', `/ping/${UUID}`)).toBe('200 OK');
  expect(await plain('HEAD', `/ping/${UUID.toUpperCase()}`)).toBe('200 ');
  expect(await plain('POST', `/ping/${UUID}/start?rid=${UUID}`, 'begins')).toBe('200 OK');
  for (const suffix of ['/log', '/fail', '/0', '/255', `?rid=${UUID}`])
    expect(await plain('POST', `/ping/${UUID}${suffix}`, 'x'.repeat(300_000))).toBe('200 OK');
  expect(await plain('GET', `/ping/${UUID}/256`)).toBe('400 invalid url format');
  expect(await plain('GET', `/ping/${UUID}?rid=x`)).toBe('400 invalid uuid format');
  expect(await plain('GET', '/ping/not%20one')).toBe('400 invalid url format');
  expect(await plain('GET', `/ping/${UUID.replace('0', '1')}`)).toBe('404 not found');
  expect(await plain('GET', `${PINGS}/backup`)).toBe('200 OK');
  expect(await plain('GET', `${PINGS}/backup/fail`)).toBe('200 OK');
  expect(await plain('GET', `${PINGS}/nightly`)).toBe('404 not found');
  expect(await plain('GET', `${PINGS}/nightly?create=1`)).toBe('201 Created');
  expect(await plain('GET', `${PINGS}/nightly/start?create=1`)).toBe('200 OK');
  expect(await plain('GET', `${PINGS}/nightly/7`)).toBe('200 OK');
  expect(await plain('GET', `/ping/${keyOf('generic')}/backup`)).toBe('404 not found');
  const { headers } = await sent('GET', `/ping/${UUID}`, { headers: { origin: 'https://example.org' } });
  expect([headers.get('access-control-allow-origin'), headers.get('ping-body-limit')]).toEqual(['*', '10000']);
});

test('one that stays away asks whoever answers for it, once; a ping ends it, and everybody asked is told', async () => {
  const { sent, pages, pass, shown } = await atTheDoor();
  await sent('GET', `/ping/${UUID}`);
  await pass(69 * MINUTE);
  expect(await pages()).toEqual([]);
  await pass(2 * MINUTE);
  expect(await pages()).toEqual([expect.stringMatching(/^PG1 open .*heartbeat backup: it was not heard \(every 1 h, 10 min late at most\)/)]);
  expect(shown.join('\n')).toMatch(/to ada .*heartbeat backup/);
  await pass(3 * MINUTE);
  await sent('GET', `/ping/${UUID}`);
  expect(await pages()).toEqual([expect.stringMatching(/^PG1 resolved/)]);
  await pass(69 * MINUTE);
  expect(await pages()).toHaveLength(1);
});

test('a job that ends with a status pages at once, with its last words; one that begins and does not end is missed', async () => {
  const { sent, pages, pass, shown } = await atTheDoor();
  await sent('POST', `/ping/${UUID}/2`, { body: 'dumping db01\npg_dump: error: connection to server failed\n', headers: { 'content-type': 'text/plain' } });
  expect(await pages()).toEqual([expect.stringMatching(/^PG1 open .*it failed with exit status 2: pg_dump: error: connection to server failed/)]);
  await pass(0);
  expect(shown.join('\n')).toContain('pg_dump: error');
  await sent('GET', `/ping/${UUID}/0`);
  await sent('GET', `/ping/${UUID}/start`);
  await pass(11 * MINUTE);
  expect((await pages()).at(-1)).toMatch(/^PG2 open .*it began and did not end/);
});

test('the addresses of Uptime Kuma’s push and of GoAlert’s heartbeats are the same heartbeat', async () => {
  const { sent, pages, type, shown } = await atTheDoor();
  expect(await sent('GET', `/api/push/${UUID}?status=up&msg=OK&ping=12`)).toMatchObject({ status: 200, json: { ok: true } });
  expect(await sent('POST', `/api/push/${UUID}?status=down&msg=no%20space`)).toMatchObject({ status: 200 });
  expect(await pages()).toEqual([expect.stringMatching(/^PG1 open .*heartbeat backup: it failed/)]);
  expect((await sent('POST', `/api/v2/heartbeat/${UUID}`)).status).toBe(204);
  expect(await pages()).toEqual([expect.stringMatching(/^PG1 resolved/)]);
  expect(await sent('GET', '/api/push/nobody')).toMatchObject({ status: 404, json: { ok: false, msg: 'Monitor not found or not active.' } });
  shown.splice(0);
  await type('show heartbeats', 'ada');
  expect(shown.join('\n')).toMatch(/1 heartbeat, none is missed/);
  expect(shown.join('\n')).toMatch(/backup +up +every 1 h/);
});

test('a Watchdog that falls silent asks somebody', async () => {
  const { sent, pages, pass } = await atTheDoor({
    config: { heartbeats: { prometheus: { watchdog: 'alertmanager', every: '5m', grace: '5m', urgency: 'critical', service: 'web' } } },
  });
  const body = {
    version: '4',
    status: 'firing',
    groupKey: 'w',
    alerts: [{ status: 'firing', labels: { alertname: 'Watchdog' }, startsAt: '2026-11-17T00:00:00Z', fingerprint: 'w' }],
  };
  for (let n = 0; n < 3; n += 1) {
    expect((await sent('POST', `/in/alertmanager/${keyOf('alertmanager')}`, { body })).status).toBe(200);
    await pass(5 * MINUTE);
  }
  expect(await pages()).toEqual([]);
  await pass(6 * MINUTE);
  expect(await pages()).toEqual([expect.stringMatching(/^PG1 open .*heartbeat prometheus: it was not heard/)]);
});

test('with another configuration, what is paused or gone asks nobody, what is due sooner is missed sooner, and what was missed while nobody ran is said', async () => {
  const { sent, pages, ops, db, pass } = await atTheDoor();
  const { heartbeats } = ops.config();
  const backup = heartbeats['backup'] as NonNullable<(typeof heartbeats)['backup']>;
  const configure = async (said: Partial<typeof backup> | undefined) => {
    if (said) heartbeats['backup'] = { ...backup, ...said };
    else delete heartbeats['backup'];
    await settleHeartbeats(db, ops);
    await pass(0);
  };
  await sent('GET', `/ping/${UUID}`);
  await configure({ every: 5 * MINUTE });
  await pass(16 * MINUTE);
  expect(await pages()).toEqual([expect.stringMatching(/^PG1 open/)]);
  await configure({ paused: true });
  expect(await pages()).toEqual([expect.stringMatching(/^PG1 resolved/)]);
  await configure({});
  expect(await pages()).toEqual([expect.stringMatching(/^PG1 resolved/), expect.stringMatching(/^PG2 open .*it is down/)]);
  await configure(undefined);
  expect((await pages()).at(-1)).toMatch(/^PG2 resolved/);
  await configure({});
  await sent('GET', `/ping/${UUID}`);
  await db.query(`delete from timers where kind = 'heartbeat'`);
  await pass(80 * MINUTE);
  await configure({});
  expect((await pages()).at(-1)).toMatch(/^PG\d open .*it was not heard/);
});

test('doctor says which integration never sent anything, which heartbeat was never heard, and a Watchdog nobody waits for', async () => {
  const { sent, ops, db, pass } = await atTheDoor();
  await settleHeartbeats(db, ops);
  const says = async () => (await examineSenders(db, ops)).map(({ says: said, remedy }) => `${remedy === undefined ? 'well' : 'bad'}: ${said}`);
  expect(await says()).toContain('bad: grafana (grafana) never sent anything');
  expect(await says()).toContain('well: never heard, and so not waited for: backup');
  await sent('POST', `/in/grafana/${keyOf('grafana')}`, { body: { alerts: [] } });
  await sent('POST', `/in/alertmanager/${keyOf('alertmanager')}`, { body: { alerts: [{ status: 'firing', labels: { alertname: 'Watchdog' } }] } });
  await sent('GET', `/ping/${UUID}`);
  // What was heard is noted after the answer.
  for (let n = 0; n < 50 && (await says()).some((said) => said.includes('grafana')); n += 1) await pass(0);
  const now = (await says()).join('\n');
  expect(now).not.toMatch(/grafana|alertmanager \(alertmanager\) never|not waited for/);
  expect(now).toContain('well: alertmanager sends a Watchdog, and nobody is asked when it stops');
});
