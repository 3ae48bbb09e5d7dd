import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { atTheDoor, keyOf, UUID } from './at-the-door.ts';

const group = (alerts: object[], said: object = {}) => ({ version: '4', groupKey: 'g', status: 'firing', truncatedAlerts: 0, alerts, ...said });
const down = (host: string, said: object = {}) => ({
  status: 'firing',
  labels: { alertname: 'HostDown', instance: `${host}.example.org:9100`, severity: 'critical' },
  annotations: { summary: `${host} does not answer` },
  startsAt: '2026-11-17T08:50:00Z',
  fingerprint: `f-${host}`,
  ...said,
});

describe('Alertmanager', () => {
  test('a group that is sent again pages once, with others in it too; when the last is over, the page is', async () => {
    const { sent, pages, shown, pass } = await atTheDoor();
    const post = (body: object) => sent('POST', '/in/alertmanager', { body, headers: { authorization: `Bearer ${keyOf('alertmanager')}` } });
    expect((await post(group([down('web01')]))).status).toBe(200);
    for (let n = 0; n < 3; n += 1) expect((await post(group([down('web01')]))).status).toBe(200);
    await post(group([down('web01'), down('web02')]));
    expect(await pages()).toEqual([expect.stringMatching(/^PG1 open .*web0/)]);
    expect(shown.filter((text) => /^to ada .*PG1/m.test(text)).length).toBeGreaterThan(0);
    await post(group([down('web01', { status: 'resolved', endsAt: '2026-11-17T09:00:00Z' }), down('web02')]));
    expect(await pages()).toEqual([expect.stringMatching(/^PG1 open/)]);
    await post(group([down('web01', { status: 'resolved' }), down('web02', { status: 'resolved' })], { status: 'resolved' }));
    expect(await pages()).toEqual([expect.stringMatching(/^PG1 resolved/)]);
    shown.splice(0);
    await pass(3_600_000);
    expect(shown.join('\n')).not.toContain('PG1');
  });

  test('its key may stand in the address, in a Bearer and as a password; no other integration’s key opens it, and none is needed for nothing', async () => {
    const { sent, alerts, log } = await atTheDoor();
    const body = group([down('web01')]);
    const basic = `Basic ${Buffer.from(`anyone:${keyOf('alertmanager')}`).toString('base64')}`;
    expect((await sent('POST', `/in/alertmanager/${keyOf('alertmanager')}`, { body })).status).toBe(200);
    expect((await sent('POST', '/in/alertmanager', { body, headers: { authorization: basic } })).status).toBe(200);
    const before = await alerts();
    for (const kind of ['grafana', 'generic', 'pagerduty', 'healthchecks'])
      expect((await sent('POST', `/in/alertmanager/${keyOf(kind)}`, { body: group([down('db01')]) })).status).toBe(401);
    for (const path of ['/in/alertmanager', '/in/alertmanager/', `/in/alertmanager/${UUID}`]) expect((await sent('POST', path, { body })).status).not.toBe(200);
    expect(await alerts()).toEqual(before);
    expect(JSON.stringify(log.said)).not.toContain(keyOf('alertmanager'));
  });

  test('what was cut off is said to whoever is asked', async () => {
    const { sent, alerts } = await atTheDoor();
    await sent('POST', `/in/alertmanager/${keyOf('alertmanager')}`, { body: group([down('web01')], { truncatedAlerts: 7, groupLabels: { job: 'node' } }) });
    expect((await alerts()).at(-1)).toContain('+7 more of job=node');
  });

  test('of five thousand alerts in one delivery one page is made, and all of them are known', { timeout: 60_000 }, async () => {
    const { sent, db, pages } = await atTheDoor();
    const many = Array.from({ length: 5_000 }, (_, n) => down(`x${n}`, { labels: { alertname: 'Full', service: 'web', severity: 'critical' } }));
    // As Alertmanager does it on a machine that is too busy for 2 s: again, until it is taken.
    for (let status = 0; status !== 200; ) {
      ({ status } = await sent('POST', `/in/alertmanager/${keyOf('alertmanager')}`, { body: group(many) }));
      expect([200, 503]).toContain(status);
    }
    expect(await db.query(`select count(*)::int as n from alerts where state = 'firing'`)).toEqual([{ n: 5_000 }]);
    expect(await pages()).toHaveLength(1);
  });
});

describe('Prometheus without an Alertmanager', () => {
  test('what is not sent again in time is over, and what is goes on', async () => {
    const { sent, alerts, pass } = await atTheDoor();
    const post = (instance: string) =>
      sent('POST', `/in/prometheus/${keyOf('prometheus')}/api/v2/alerts`, {
        body: [{ labels: { alertname: 'Full', instance }, annotations: { summary: `${instance} is full` } }],
      });
    expect((await post('db01')).status).toBe(200);
    await post('web01');
    await pass(240_000);
    await post('db01');
    await pass(120_000);
    expect(await alerts()).toEqual(['prometheus firing db01 is full', 'prometheus resolved web01 is full']);
    await pass(300_000);
    expect(await alerts()).toEqual(['prometheus resolved db01 is full', 'prometheus resolved web01 is full']);
  });

  test('what could not be sent again while we were gone ourselves is not over: its sender has its time first', async () => {
    const { sent, alerts, pass, clock } = await atTheDoor();
    await sent('POST', `/in/prometheus/${keyOf('prometheus')}/api/v2/alerts`, {
      body: [{ labels: { alertname: 'Full', instance: 'db01' }, annotations: { summary: 'db01 is full' } }],
    });
    clock.jumpTo(clock.now() + 3_600_000);
    await pass(240_000);
    expect(await alerts()).toEqual(['prometheus firing db01 is full']);
    await pass(120_000);
    expect(await alerts()).toEqual(['prometheus resolved db01 is full']);
  });

  test('is refused as Alertmanager would', async () => {
    const { sent } = await atTheDoor();
    const wrong = await sent('POST', '/api/v2/alerts', { body: {}, headers: { authorization: `Bearer ${keyOf('prometheus')}` } });
    expect([wrong.status, wrong.text]).toEqual([400, '"bad request: a list of alerts is expected"']);
  });
});

describe('PagerDuty', () => {
  const event = (said: object) => ({ routing_key: keyOf('pagerduty'), payload: { summary: 'db01 is full', source: 'db01', severity: 'critical' }, ...said });

  test('a trigger is answered with its key, sent again it is one page, resolved by the key it is over', async () => {
    const { sent, pages, alerts } = await atTheDoor();
    const first = await sent('POST', '/v2/enqueue', { body: event({ event_action: 'trigger' }) });
    expect([first.status, first.json]).toEqual([202, { status: 'success', message: 'Event processed', dedup_key: expect.stringMatching(/^[0-9a-f]{32}$/) }]);
    const { dedup_key } = first.json;
    const again = await sent('POST', '/v2/enqueue', { body: event({ event_action: 'trigger', dedup_key }) });
    expect(again.json).toEqual(first.json);
    expect(await pages()).toHaveLength(1);
    await sent('POST', '/v2/enqueue', { body: event({ event_action: 'resolve', dedup_key }) });
    expect(await alerts()).toEqual(['pagerduty resolved db01 is full']);
    expect(await pages()).toEqual([expect.stringMatching(/^PG1 resolved/)]);
  });

  test('the end of what nobody knows is taken, and nothing comes of it; acknowledged over there, it rests here', async () => {
    const { sent, pages } = await atTheDoor();
    for (const event_action of ['acknowledge', 'resolve'])
      expect((await sent('POST', '/v2/enqueue', { body: event({ event_action, dedup_key: 'nobody' }) })).status).toBe(202);
    expect(await pages()).toEqual([]);
    await sent('POST', '/v2/enqueue', { body: event({ event_action: 'trigger', dedup_key: 'a' }) });
    await sent('POST', '/v2/enqueue', { body: event({ event_action: 'acknowledge', dedup_key: 'a' }) });
    expect(await pages()).toEqual([expect.stringMatching(/^PG1 acked/)]);
  });

  test('all that is wrong with an event is said as PagerDuty says it, a key nobody knows too', async () => {
    const { sent } = await atTheDoor();
    const wrong = await sent('POST', '/v2/enqueue', { body: event({ event_action: 'trigger', payload: { source: 'x' } }) });
    expect([wrong.status, wrong.json]).toEqual([
      400,
      {
        status: 'invalid event',
        message: 'Event object is invalid',
        errors: ["'payload.summary' is missing or blank", "'payload.severity' is missing or blank"],
      },
    ]);
    const stranger = await sent('POST', '/v2/enqueue', { body: { ...event({ event_action: 'trigger' }), routing_key: keyOf('opsgenie') } });
    expect([stranger.status, stranger.json]).toMatchObject([400, { status: 'invalid event', errors: ["'routing_key' is not known here"] }]);
  });

  test('a change stands in the brief of a page for a day, once', async () => {
    const { sent, shown, pass } = await atTheDoor();
    const change = {
      routing_key: keyOf('pagerduty'),
      payload: { summary: 'deployed shop 4.2 <@everyone>', source: 'ci' },
      links: [{ href: 'https://ci.example.org/42' }],
    };
    const answer = await sent('POST', '/v2/change/enqueue', { body: change });
    expect([answer.status, answer.json]).toEqual([202, { status: 'success', message: 'Change event processed' }]);
    await sent('POST', '/v2/change/enqueue', { body: change });
    await sent('POST', '/v2/enqueue', {
      body: event({ event_action: 'trigger', payload: { summary: '5xx', source: 'web01', severity: 'critical', component: 'web' } }),
    });
    await pass(1_000);
    const brief = shown.find((text) => text.includes('5xx')) as string;
    expect(brief.match(/pagerduty: deployed shop 4\.2/g)).toHaveLength(1);
  });
});

describe('the others', () => {
  test('Opsgenie opens by a message and closes by its alias', async () => {
    const { sent, alerts, db } = await atTheDoor();
    const headers = { authorization: `GenieKey ${keyOf('opsgenie')}` };
    const opened = await sent('POST', '/v2/alerts', { body: { message: 'db01 is full', alias: 'disk/db01', priority: 'P2' }, headers });
    expect([opened.status, opened.json]).toEqual([202, { result: 'Request will be processed', took: expect.any(Number), requestId: expect.any(String) }]);
    expect((await sent('PUT', '/v2/alerts/disk%2Fdb01/priority?identifierType=alias', { body: { priority: 'P1' }, headers })).status).toBe(202);
    expect((await sent('PUT', '/v2/alerts/unknown/priority?identifierType=alias', { body: { priority: 'P1' }, headers })).status).toBe(202);
    expect(await db.query(`select urgency, summary from alerts`)).toEqual([{ urgency: 'critical', summary: 'db01 is full' }]);
    expect((await sent('POST', '/v2/alerts/disk%2Fdb01/close?identifierType=alias', { body: {}, headers })).status).toBe(202);
    expect(await alerts()).toEqual(['opsgenie resolved db01 is full']);
    expect(await sent('POST', '/v2/alerts', { body: {}, headers })).toMatchObject({ status: 422, json: { errors: { message: 'Message can not be empty.' } } });
    expect(await sent('POST', '/v2/alerts', { body: { message: 'x' } })).toMatchObject({ status: 401, json: { message: 'Could not authenticate' } });
  });

  test('GoAlert answers nothing, or in JSON whether it is new', async () => {
    const { sent, http, pass, alerts } = await atTheDoor();
    const path = `/api/v2/generic/incoming?token=${keyOf('goalert')}`;
    expect((await sent('POST', `${path}&summary=full&dedup=a`)).status).toBe(204);
    const again = await sent('POST', path, { body: { summary: 'full', dedup: 'a' }, headers: { accept: 'application/json' } });
    expect(again.json).toEqual({ AlertID: expect.any(Number), ServiceID: '', IsNew: false });
    const form = new FormData();
    form.set('summary', '[shop] [🔴 Down] connect ECONNREFUSED');
    expect((await fetch(http.url + path, { method: 'POST', body: form })).status).toBe(204);
    await pass(0);
    expect(await alerts()).toEqual(['goalert firing full', 'goalert firing [shop] [🔴 Down] connect ECONNREFUSED']);
    expect(await sent('POST', '/api/v2/generic/incoming?token=x&summary=y')).toMatchObject({ status: 401, text: 'unauthorized' });
  });

  test('Uptime Kuma’s webhook, its form, and its providers for OnCall and Keep say the same of a monitor', async () => {
    const { sent, http, alerts, pass } = await atTheDoor();
    const said = (status: number) => ({
      heartbeat: { monitorID: 3, status, time: '2026-11-17 08:55:00', msg: 'timeout' },
      monitor: { id: 3, name: 'shop', url: 'https://web01/' },
      msg: 'x',
    });
    expect(await sent('POST', `/in/uptime-kuma/${keyOf('uptime-kuma')}`, { body: said(0) })).toMatchObject({ status: 200, json: { ok: true } });
    const form = new FormData();
    form.set('data', JSON.stringify(said(1)));
    await fetch(`${http.url}/in/uptime-kuma/${keyOf('uptime-kuma')}`, { method: 'POST', body: form });
    await pass(0);
    expect(await alerts()).toEqual(['uptime-kuma resolved shop is down: timeout']);
    await sent('POST', '/alerts/event/uptimekuma', { body: said(0), headers: { 'x-api-key': keyOf('uptime-kuma') } });
    expect((await alerts()).at(-1)).toBe('uptime-kuma firing shop is down: timeout');
    const oncall = `/integrations/v1/formatted_webhook/${keyOf('oncall')}/`;
    expect(await sent('POST', oncall, { body: { title: 'shop is down', message: 'timeout', state: 'alerting' } })).toMatchObject({ status: 200, text: 'Ok.' });
    await sent('POST', oncall, { body: { title: 'shop is up', message: '200 - OK', state: 'ok' } });
    expect((await alerts()).at(-1)).toBe('oncall resolved shop is down: timeout');
  });

  test.each([
    ['/in/grafana', 'grafana', { alerts: [down('web01')], version: '1', orgId: 1 }],
    ['/in/zabbix', 'zabbix', { event_id: '1', value: '1', name: 'x', host: 'web01', severity: '5' }],
    ['/in/generic', 'generic', { summary: 'x', host: 'web01' }],
  ])('%s pages by what it sends', async (path, kind, body) => {
    const { sent, pages } = await atTheDoor();
    expect((await sent('POST', path, { body, headers: { authorization: `Bearer ${keyOf(kind)}` } })).status).toBe(200);
    expect(await pages()).toEqual([expect.stringMatching(/^PG1 open/)]);
  });
});

test('whatever is posted anywhere, with a good key, is answered with a yes or a reason and never with a fault of ours', { timeout: 120_000 }, async () => {
  const { http, log } = await atTheDoor();
  const key = (kind: string) => ({ authorization: `Bearer ${keyOf(kind)}` });
  const kuma = { heartbeat: { status: 0 }, monitor: { id: 1, name: 'shop' } };
  const pagerDuty = { routing_key: keyOf('pagerduty'), event_action: 'trigger', payload: { summary: 'x', source: 'x', severity: 'info' } };
  /** Each with what it would like to hear. */
  const doors: [path: string, headers: Record<string, string>, good: object][] = [
    ['/in/alertmanager', key('alertmanager'), group([down('web01')])],
    ['/api/v2/alerts', key('prometheus'), [down('web01')]],
    ['/in/grafana', key('grafana'), group([down('web01')])],
    ['/in/zabbix', key('zabbix'), { event_id: '1', value: '1' }],
    ['/in/generic', key('generic'), { summary: 'x' }],
    ['/in/uptime-kuma', key('uptime-kuma'), kuma],
    ['/v2/enqueue', {}, pagerDuty],
    ['/v2/change/enqueue', {}, pagerDuty],
    ['/v2/alerts', { authorization: `GenieKey ${keyOf('opsgenie')}` }, { message: 'x' }],
    [`/api/v2/generic/incoming?token=${keyOf('goalert')}`, {}, { summary: 'x' }],
    [`/integrations/v1/formatted_webhook/${keyOf('oncall')}/`, {}, { title: 'x' }],
    [`/ping/${UUID}`, {}, {}],
    [`/api/push/${UUID}`, {}, {}],
  ];
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom('\0', '\ud800', '__proto__', "'; drop table alerts; --", '<!channel> @everyone'),
  );
  const value = fc.oneof(text, fc.double(), fc.array(fc.dictionary(text, text, { maxKeys: 3 }), { maxLength: 3 }), fc.dictionary(text, text, { maxKeys: 3 }));
  const names = [
    'alerts',
    'summary',
    'labels',
    'message',
    'alias',
    'title',
    'event_id',
    'state',
    'heartbeat',
    'monitor',
    'details',
    'dedup',
    'meta',
    'status',
    'data',
    'msg',
  ];
  const named = fc.record(Object.fromEntries(names.map((name) => [name, name === 'alerts' ? fc.array(value, { maxLength: 3 }) : value])), { requiredKeys: [] });
  const pd = named.map((payload) => ({ routing_key: keyOf('pagerduty'), event_action: 'trigger', payload: { severity: 'info', source: 'x', ...payload } }));
  const body = fc.oneof(
    fc.json().map((json) => ({ json, type: 'application/json' })),
    fc.oneof(named, pd, fc.array(named, { maxLength: 3 })).map((value) => ({ json: JSON.stringify(value), type: 'application/json' })),
    fc.string({ unit: 'binary', maxLength: 200 }).map((json) => ({ json, type: 'multipart/form-data; boundary=x' })),
    named.map((value) => ({
      json: `data=${encodeURIComponent(JSON.stringify(value).replaceAll(/\\ud[89a-f]../g, ''))}`,
      type: 'application/x-www-form-urlencoded',
    })),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...doors), body, async ([path, headers], { json, type }) => {
      const { status } = await fetch(http.url + path, { method: 'POST', headers: { 'content-type': type, ...headers }, body: json });
      // 503 is a machine too busy for 2 s; what cannot be written is an error in the log.
      expect([200, 202, 204, 400, 422, 503]).toContain(status);
    }),
    { numRuns: 400 },
  );
  for (const [path, headers, good] of doors) {
    const { status } = await fetch(http.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(good),
    });
    expect([path, status < 300]).toEqual([path, true]);
  }
  expect(log.said.filter(({ level }) => level === 'error')).toEqual([]);
});
