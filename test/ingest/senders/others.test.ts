import { describe, expect, test } from 'vitest';
import { genericTold } from '../../../src/ingest/senders/generic.ts';
import { goAlertTold } from '../../../src/ingest/senders/goalert.ts';
import { onCallTold } from '../../../src/ingest/senders/oncall.ts';
import { opsgenieTold } from '../../../src/ingest/senders/opsgenie.ts';
import { pagerDutyTold } from '../../../src/ingest/senders/pagerduty.ts';
import { uptimeKumaTold } from '../../../src/ingest/senders/uptime-kuma.ts';
import { zabbixTold } from '../../../src/ingest/senders/zabbix.ts';
import { NOW, sender } from './a-sender.ts';

const wrongOf = (work: () => unknown): Record<string, unknown> | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as { more: Record<string, unknown> }).more;
  }
};

describe('what is sent to PagerDuty', () => {
  const from = sender('pagerduty');
  // https://developer.pagerduty.com/docs/send-alert-event, its own example
  const trigger = {
    payload: {
      summary: 'DISK at 99% on machine prod-datapipe03.example.com',
      timestamp: '2026-11-26T14:17:27.000Z',
      severity: 'critical',
      source: 'prod-datapipe03.example.com',
      component: 'mysql',
      group: 'web',
      class: 'disk',
      custom_details: { 'free space': '1%', 'ping time': '1500ms', 'load avg': 0.75 },
    },
    routing_key: 'k'.repeat(32),
    dedup_key: 'samplekeyhere',
    event_action: 'trigger',
    client: 'Sample Monitoring Service',
    client_url: 'https://monitoring.example.com',
    links: [{ href: 'https://example.com/', text: 'An example link.' }],
    images: [{ src: 'https://chart.example.com/c.png' }],
  };

  test('is an alert with its host, its details, and the group as the service where somebody answers for it', () => {
    expect(pagerDutyTold(trigger, from)).toEqual({
      dedup: 'samplekeyhere',
      events: [
        {
          integration: 'it',
          dedup: 'samplekeyhere',
          state: 'firing',
          summary: 'DISK at 99% on machine prod-datapipe03.example.com',
          urgency: 'critical',
          service: 'web',
          hosts: ['prod-datapipe03.example.com', 'mysql'],
          link: 'https://example.com/',
          details: {
            ...{ 'free space': '1%', 'ping time': '1500ms', 'load avg': '0.75', source: 'prod-datapipe03.example.com' },
            ...{ component: 'mysql', group: 'web', class: 'disk', client: 'Sample Monitoring Service' },
          },
          started: Date.parse('2026-11-26T14:17:27.000Z'),
        },
      ],
    });
  });

  test('without a key it is given one of 32 characters', () => {
    const { dedup_key: _, ...keyless } = trigger;
    const told = pagerDutyTold(keyless, from);
    expect(told.dedup).toMatch(/^[0-9a-f]{32}$/);
    expect(told.events[0]?.dedup).toBe(told.dedup);
  });

  test('is acknowledged and resolved by its key alone', () => {
    for (const [action, state] of [
      ['acknowledge', 'acknowledged'],
      ['resolve', 'resolved'],
    ])
      expect(pagerDutyTold({ event_action: action, dedup_key: 'samplekeyhere' }, from).events).toMatchObject([{ dedup: 'samplekeyhere', state }]);
  });

  test('a key too long to keep names the same alert all the same', () => {
    const key = 'x'.repeat(255);
    const [first, again] = ['trigger', 'resolve'].map((event_action) => pagerDutyTold({ ...trigger, event_action, dedup_key: key }, from));
    expect(first?.events[0]?.dedup).toBe(again?.events[0]?.dedup);
    expect(first?.dedup).toBe(key);
  });

  test.each([
    [{}, ["'event_action' must be one of trigger, acknowledge, resolve", "'dedup_key' is missing or blank"]],
    [{ event_action: 'trigger' }, ['summary', 'source', 'severity'].map((name) => `'payload.${name}' is missing or blank`)],
    [{ ...trigger, payload: { ...trigger.payload, severity: 'bad' } }, ["'payload.severity' must be one of critical, error, warning, info"]],
    [{ event_action: 'resolve' }, ["'dedup_key' is missing or blank"]],
  ])('refused, all that is wrong is said as PagerDuty says it (%#)', (body, errors) => {
    expect(wrongOf(() => pagerDutyTold(body, from))).toEqual({ errors });
  });
});

describe('what is sent to Opsgenie', () => {
  const from = sender('opsgenie');

  test('is an alert by its alias and its priority', () => {
    const body = {
      message: 'db01 is full',
      alias: 'disk-db01',
      description: 'df says 99 %',
      details: { host: 'db01' },
      source: 'Alertmanager',
      tags: ['web', 'disk'],
      priority: 'P1',
      responders: [{ type: 'team', name: 'ops' }],
    };
    expect(opsgenieTold(body, from).events).toEqual([
      {
        integration: 'it',
        dedup: 'disk-db01',
        state: 'firing',
        summary: 'db01 is full',
        urgency: 'critical',
        service: 'web',
        hosts: ['db01'],
        details: { host: 'db01', description: 'df says 99 %', source: 'Alertmanager', tags: 'web, disk' },
      },
    ]);
    expect(opsgenieTold({ message: 'x' }, from).events[0]?.urgency).toBe('high');
  });

  test('without a message it is refused as Opsgenie does', () => {
    expect(wrongOf(() => opsgenieTold({ alias: 'x' }, from))).toEqual({ errors: { message: 'Message can not be empty.' } });
  });
});

describe('what Uptime Kuma sends', () => {
  const from = sender('uptime-kuma');
  const monitor = {
    id: 12,
    name: 'shop',
    pathName: 'web / shop',
    type: 'http',
    url: 'https://web01.example.org/health',
    hostname: null,
    port: null,
    tags: [
      { tag_id: 1, name: 'severity', value: 'critical' },
      { name: 'service', value: 'web' },
    ],
    interval: 60,
  };
  const heartbeat = (status: number) => ({
    monitorID: 12,
    status,
    time: '2026-11-26 14:55:10.123',
    msg: 'connect ECONNREFUSED',
    ping: null,
    important: true,
    duration: 61,
    retries: 2,
    timezone: 'UTC',
    timezoneOffset: '+00:00',
    localDateTime: '2026-11-26 14:55:10',
  });

  test('down is an alert of its monitor, up its end; what it is not sure of, or looks after itself, is neither', () => {
    expect(uptimeKumaTold({ heartbeat: heartbeat(0), monitor, msg: '[shop] [🔴 Down]' }, from).events).toEqual([
      {
        ...{
          integration: 'it',
          dedup: 'monitor 12',
          state: 'firing',
          summary: 'web / shop is down: connect ECONNREFUSED',
          urgency: 'critical',
          service: 'web',
        },
        ...{
          hosts: ['web01.example.org'],
          link: 'https://web01.example.org/health',
          details: { severity: 'critical', service: 'web', type: 'http' },
          started: Date.UTC(2026, 10, 26, 14, 55, 10, 123),
        },
      },
    ]);
    expect(uptimeKumaTold({ heartbeat: heartbeat(1), monitor, msg: '' }, from).events).toMatchObject([{ dedup: 'monitor 12', state: 'resolved' }]);
    for (const status of [2, 3]) expect(uptimeKumaTold({ heartbeat: heartbeat(status), monitor, msg: 'x' }, from).events).toEqual([]);
  });

  test('means the same as a form and as an address', () => {
    const whole = { heartbeat: heartbeat(0), monitor, msg: 'x' };
    const plain = uptimeKumaTold(whole, from);
    expect(uptimeKumaTold({ data: JSON.stringify(whole) }, from)).toEqual(plain);
    expect(uptimeKumaTold({ msg: 'x', heartbeat: JSON.stringify(whole.heartbeat), monitor: JSON.stringify(monitor) }, from)).toEqual(plain);
  });

  test('its test asks nobody; a certificate that runs out waits for the morning, the same from day to day, and is over when it is no longer said', () => {
    expect(uptimeKumaTold({ heartbeat: null, monitor: null, msg: 'Kuma Testing' }, from).events).toEqual([]);
    const certificate = (days: number) =>
      uptimeKumaTold({ heartbeat: null, monitor: null, msg: `[shop][https://web01.example.org] Certificate will expire in ${days} days` }, from);
    const told = certificate(14);
    expect(told.events).toMatchObject([{ urgency: 'low', state: 'firing', summary: expect.stringContaining('expire in 14 days') }]);
    expect(certificate(13).events[0]?.dedup).toBe(told.events[0]?.dedup);
    expect([...(told.until?.values() ?? [])]).toEqual([NOW + 30 * 3_600_000]);
  });
});

describe('what is sent to GoAlert', () => {
  const from = sender('goalert');

  test('is named by its key, else by its text', () => {
    expect(goAlertTold({ summary: 'x', dedup: 'disk:db01', details: 'full', meta: { host: 'db01' } }, from).events).toMatchObject([
      { dedup: 'disk:db01', summary: 'x', hosts: ['db01'], details: { host: 'db01', details: 'full' } },
    ]);
    const [open, close] = [{}, { action: 'close' }].map((more) => goAlertTold({ summary: 'x', details: 'y', ...more }, from).events[0]);
    expect([open?.state, close?.state, open?.dedup]).toEqual(['firing', 'resolved', close?.dedup]);
    expect(goAlertTold({ summary: 'x', meta: 'host=db01' }, from).events[0]?.hosts).toEqual(['db01']);
  });

  test('by Uptime Kuma, whose texts differ, up ends what down began', () => {
    const down = goAlertTold({ summary: '[shop] [🔴 Down] connect ECONNREFUSED' }, from).events[0];
    const up = goAlertTold({ summary: '[shop] [✅ Up] 200 - OK', action: 'close' }, from).events[0];
    expect([down?.dedup, down?.state, up?.state]).toEqual([up?.dedup, 'firing', 'resolved']);
  });

  test('without a summary is refused', () => expect(() => goAlertTold({ details: 'x' }, from)).toThrow('invalid summary'));
});

describe('what is sent to Grafana OnCall', () => {
  const from = sender('oncall');

  test('is named by its uid', () => {
    const body = {
      alert_uid: '08d6891a',
      title: 'Incident',
      state: 'alerting',
      link_to_upstream_details: 'https://example.org/x',
      message: 'it burns',
      image_url: 'https://example.org/i.png',
    };
    expect(onCallTold(body, from).events).toMatchObject([{ dedup: '08d6891a', state: 'firing', summary: 'Incident: it burns', link: 'https://example.org/x' }]);
    expect(onCallTold({ ...body, state: 'ok' }, from).events).toMatchObject([{ dedup: '08d6891a', state: 'resolved' }]);
  });

  test('by Uptime Kuma, up ends what down began', () => {
    const [down] = onCallTold({ title: 'shop is down', message: 'ECONNREFUSED', state: 'alerting' }, from).events;
    const [up] = onCallTold({ title: 'shop is up', message: '200 - OK', state: 'ok' }, from).events;
    expect(down?.dedup).toBe(up?.dedup);
  });
});

describe('what our media type for Zabbix sends', () => {
  const from = sender('zabbix');
  const problem = {
    event_id: '4711',
    value: '1',
    update_status: '0',
    acknowledged: 'No',
    severity: '5',
    name: 'Zabbix agent is not available',
    tags: '[{"tag":"service","value":"web"}]',
    host: 'web01',
    host_ip: '10.0.0.1',
    trigger_id: '13',
    opdata: '{EVENT.OPDATA}',
    url: 'https://zabbix.example.org/tr_events.php?triggerid=13&eventid=4711',
  };

  test('is a problem by its event, and its end', () => {
    expect(zabbixTold(problem, from).events).toMatchObject([
      {
        dedup: '4711',
        state: 'firing',
        summary: 'web01: Zabbix agent is not available',
        urgency: 'critical',
        service: 'web',
        hosts: ['web01', '10.0.0.1'],
        details: { service: 'web', trigger: '13' },
      },
    ]);
    expect(zabbixTold({ ...problem, acknowledged: 'Yes', update_status: '1' }, from).events).toMatchObject([{ state: 'acknowledged' }]);
    expect(zabbixTold({ ...problem, value: '0' }, from).events).toMatchObject([{ dedup: '4711', state: 'resolved' }]);
  });

  test('a macro Zabbix has nothing for is nothing', () => {
    expect(Object.keys(zabbixTold(problem, from).events[0]?.details ?? {})).not.toContain('opdata');
    expect(() => zabbixTold({ ...problem, event_id: '{EVENT.ID}' }, from)).toThrow(/no event of Zabbix/);
  });
});

describe('anything else', () => {
  test('with our own names is an alert, or several', () => {
    const [one, two] = genericTold(
      [
        { summary: 'a', urgency: 'critical', host: 'web01', details: { load: 9 } },
        { summary: 'b', state: 'resolved', dedup: 7 },
      ],
      sender('generic'),
    ).events;
    expect(one).toEqual({ integration: 'it', dedup: 'a', state: 'firing', summary: 'a', urgency: 'critical', hosts: ['web01'], details: { load: '9' } });
    expect(two).toMatchObject({ dedup: '7', state: 'resolved' });
  });

  test('is read by a mapping', () => {
    const mapping = {
      alerts: 'events',
      summary: 'check.title',
      dedup: 'check.id',
      state: 'now',
      resolved: 'fine',
      severity: 'prio',
      hosts: ['where[0].name'],
      link: 'url',
      started: 'since',
      details: ['check.notes', 'meta'],
    };
    const event = {
      check: { id: 9, title: 'Load', notes: 'too much' },
      now: 'bad',
      prio: 'P1',
      where: [{ name: 'db01' }],
      url: 'https://example.org/9',
      since: 1_795_704_000,
      meta: { rack: 'b2' },
    };
    const from = sender('generic', { mapping });
    expect(genericTold({ events: [event, { ...event, now: 'FINE' }] }, from).events).toMatchObject([
      {
        dedup: '9',
        state: 'firing',
        summary: 'Load',
        urgency: 'critical',
        hosts: ['db01'],
        link: 'https://example.org/9',
        started: 1_795_704_000_000,
        details: { notes: 'too much', rack: 'b2' },
      },
      { dedup: '9', state: 'resolved' },
    ]);
    expect(() => genericTold({}, from)).toThrow('no list of alerts');
    expect(() => genericTold({ events: [event, {}] }, from)).toThrow('has no summary');
  });
});
