import { describe, expect, test } from 'vitest';
import { alertmanagerTold } from '../../../src/ingest/senders/alertmanager.ts';
import { grafanaTold } from '../../../src/ingest/senders/grafana.ts';
import { prometheusTold } from '../../../src/ingest/senders/prometheus.ts';
import { superseding } from '../../../src/ingest/senders/supersede.ts';
import { NOW, sender } from './a-sender.ts';

const alert = (instance: string, said: Record<string, unknown> = {}) => ({
  status: 'firing',
  labels: { alertname: 'HostDown', instance, job: 'node', severity: 'critical' },
  annotations: { summary: `${instance} does not answer`, runbook_url: 'https://runbooks.example.org/host-down' },
  startsAt: '2026-11-26T14:50:00.123456789Z',
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: 'http://prometheus.example.org:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1',
  fingerprint: `c4d1f5e2${instance.replaceAll(/\W/g, '')}`,
  ...said,
});

const group = (alerts: unknown[], said: Record<string, unknown> = {}) => ({
  receiver: 'holdfast',
  status: 'firing',
  alerts,
  groupLabels: { alertname: 'HostDown' },
  commonLabels: { alertname: 'HostDown', job: 'node' },
  commonAnnotations: {},
  routeLabels: {},
  externalURL: 'http://alertmanager.example.org:9093',
  version: '4',
  groupKey: '{}:{alertname="HostDown"}',
  truncatedAlerts: 0,
  notification_reason: 'first notification',
  ...said,
});

const firing = ({ events }: { events: readonly { state: string }[] }) => events.filter(({ state }) => state === 'firing');

describe('what Alertmanager sends', () => {
  const from = sender('alertmanager');

  test('is an alert for each member of a group, with its host, how bad it is, since when, and where to look', () => {
    const [first] = alertmanagerTold(group([alert('web01.example.org:9100'), alert('web02:9100')]), from).events;
    expect(first).toEqual({
      integration: 'it',
      dedup: 'c4d1f5e2web01exampleorg9100 2026-11-26T14:50:00.123Z',
      state: 'firing',
      summary: 'HostDown: web01.example.org:9100 does not answer',
      urgency: 'critical',
      hosts: ['web01.example.org:9100'],
      link: 'http://prometheus.example.org:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1',
      details: {
        summary: 'web01.example.org:9100 does not answer',
        runbook_url: 'https://runbooks.example.org/host-down',
        alertname: 'HostDown',
        instance: 'web01.example.org:9100',
        job: 'node',
        severity: 'critical',
      },
      started: Date.parse('2026-11-26T14:50:00.123Z'),
    });
  });

  test('sent again under other members, each is the alert it was', () => {
    const [before] = firing(alertmanagerTold(group([alert('web01')]), from));
    const after = firing(alertmanagerTold(group([alert('web00'), alert('web01')], { notification_reason: 'new alerts added' }), from));
    expect(after).toContainEqual(before);
  });

  test('within a group that fires, one that is over is over', () => {
    const { events } = alertmanagerTold(group([alert('web01'), alert('web02', { status: 'resolved', endsAt: '2026-11-26T14:58:00Z' })]), from);
    expect(events.filter(({ hosts }) => hosts.length > 0).map(({ hosts: [host], state }) => [host, state])).toEqual([
      ['web01', 'firing'],
      ['web02', 'resolved'],
    ]);
  });

  test('cut off by max_alerts, what is missing is said as an alert of its own, until nothing is cut off', () => {
    const more = (said: Record<string, unknown>) =>
      alertmanagerTold(group([alert('web01')], said), from).events.find(({ dedup }) => dedup.startsWith('group '));
    expect(more({ truncatedAlerts: 12 })).toMatchObject({
      state: 'firing',
      urgency: 'critical',
      summary: expect.stringContaining('+12 more of alertname=HostDown'),
    });
    expect(more({})).toMatchObject({ state: 'resolved', dedup: more({ truncatedAlerts: 12 })?.dedup });
  });

  test('a Watchdog is a heartbeat and no alert, and missed when it is over', () => {
    const watchdog = alert('', { labels: { alertname: 'Watchdog', severity: 'none' } });
    expect(alertmanagerTold(group([watchdog]), from)).toMatchObject({ watchdog: 'success', events: [{ state: 'resolved', hosts: [] }] });
    expect(alertmanagerTold(group([{ ...watchdog, status: 'resolved' }], { status: 'resolved' }), from).watchdog).toBe('fail');
  });

  test('is as bad as its label says, in words of the integration where it has some, and as the integration says where nobody knows', () => {
    const urgency = (severity: string | undefined, said = {}) =>
      alertmanagerTold(group([alert('web01', { labels: { alertname: 'X', severity } })]), sender('alertmanager', said)).events[0]?.urgency;
    expect(['critical', 'page', 'warning', 'info', 'P1', 'Error'].map((word) => urgency(word))).toEqual([
      'critical',
      'critical',
      'low',
      'low',
      'critical',
      'high',
    ]);
    expect([urgency('tier-one'), urgency(undefined), urgency(undefined, { urgency: 'low' })]).toEqual(['high', 'high', 'low']);
    expect([urgency('warning', { severities: { Warning: 'high' } }), urgency('tier-one', { severities: { 'tier-one': 'critical' } })]).toEqual([
      'high',
      'critical',
    ]);
  });

  test('reaches the service its label names where somebody answers for it, else that of the integration', () => {
    const service = (label: string) =>
      alertmanagerTold(group([alert('web01', { labels: { service: label } })]), sender('alertmanager', { service: 'ops' })).events[0]?.service;
    expect([service('web'), service('kube-state-metrics')]).toEqual(['web', 'ops']);
  });

  test('with nothing but a name, an alert is still one', () => {
    expect(alertmanagerTold({ alerts: [{}] }, from).events).toEqual([
      {
        integration: 'it',
        dedup: expect.stringMatching(/^[0-9a-f]{24}$/),
        state: 'firing',
        summary: 'An alert without a name',
        urgency: 'high',
        hosts: [],
        details: {},
      },
    ]);
  });

  test.each([null, 'text', 7, [], {}, { alerts: {} }])('what is no group of alerts is refused: %j', (body) => {
    expect(() => alertmanagerTold(body, from)).toThrow(/no notification of Alertmanager/);
  });
});

describe('of two beginnings of one alert', () => {
  const [early, late] = ['f 2026-11-26T14:00:00.000Z', 'f 2026-11-26T14:30:00.000Z'];
  const event = (dedup: string, state: 'firing' | 'resolved' = 'firing') => ({
    integration: 'it',
    dedup,
    state,
    summary: 's',
    urgency: 'low' as const,
    hosts: [],
    details: {},
  });
  const come = (events: ReturnType<typeof event>[], known: string[]) => superseding(events, known).map(({ dedup, state }) => [dedup, state]);

  test('the later ends the earlier', () =>
    expect(come([event(late)], [early])).toEqual([
      [early, 'resolved'],
      [late, 'firing'],
    ]));
  test('the earlier, said again by another Alertmanager, is the known one', () => expect(come([event(early)], [late])).toEqual([[late, 'firing']]));
  test('the end of the earlier leaves the later burning', () => expect(come([event(early, 'resolved')], [late])).toEqual([[early, 'resolved']]));
  test('the end of the later is the end', () =>
    expect(come([event(late, 'resolved')], [early])).toEqual([
      [early, 'resolved'],
      [late, 'resolved'],
    ]));
  test('and those of other alerts are none of its business', () =>
    expect(come([event('g 2026-11-26T14:30:00.000Z')], [early])).toEqual([['g 2026-11-26T14:30:00.000Z', 'firing']]));
});

describe('what Prometheus sends by itself', () => {
  const from = sender('prometheus');
  const own = (said: Record<string, unknown> = {}) => ({
    labels: { alertname: 'Full', instance: 'db01:9100' },
    annotations: { summary: 'the disk is full' },
    startsAt: '2026-11-26T14:00:00Z',
    ...said,
  });

  test('is believed until the time it says, and over when that is past', () => {
    const told = prometheusTold([own({ endsAt: '2026-11-26T15:04:00Z' })], from);
    expect(told.until?.get(told.events[0]?.dedup as string)).toBe(NOW + 240_000);
    expect(prometheusTold([own({ endsAt: '2026-11-26T14:59:00Z' })], from)).toMatchObject({
      events: [{ dedup: told.events[0]?.dedup, state: 'resolved' }],
      until: new Map(),
    });
  });

  test('without an end it is believed for the time of its integration, and 5 minutes if that says none', () => {
    const until = (said = {}) => [...(prometheusTold([own()], sender('prometheus', said)).until?.values() ?? [])];
    expect([until(), until({ resolve_after: '20m' })]).toEqual([[NOW + 300_000], [NOW + 1_200_000]]);
  });

  test('is the same alert as long as its labels are, in whatever order', () => {
    const [a, b] = [
      { a: '1', b: '2' },
      { b: '2', a: '1' },
    ].map((labels) => prometheusTold([{ labels }], from).events[0]?.dedup);
    expect(a).toBe(b);
    expect(prometheusTold([{ labels: { a: '1', b: '3' } }], from).events[0]?.dedup).not.toBe(a);
  });

  test('that is no list is refused in words', () => expect(() => prometheusTold({}, from)).toThrow('a list of alerts is expected'));
});

describe('what Grafana sends', () => {
  const from = sender('grafana');

  test('is read as Alertmanager’s, with its panel as the place to look', () => {
    const body = group(
      [
        alert('web01', {
          valueString: '[ var=A ]',
          values: { A: 97.5 },
          panelURL: 'https://grafana.example.org/d/abc?viewPanel=1',
          dashboardURL: 'https://grafana.example.org/d/abc',
        }),
      ],
      {
        version: '1',
        orgId: 1,
        title: '[FIRING:1]',
        state: 'alerting',
        message: '**Firing**',
      },
    );
    expect(grafanaTold(body, from).events[0]).toMatchObject({
      link: 'https://grafana.example.org/d/abc?viewPanel=1',
      details: { values: '{"A":97.5}' },
      state: 'firing',
    });
  });

  test('by a Grafana before 9, a rule is one alert by its state', () => {
    const old = (state: string) => ({
      ruleId: 7,
      ruleName: 'Load',
      state,
      message: 'too much',
      ruleUrl: 'https://grafana.example.org/alert/7',
      evalMatches: [{ metric: 'load', value: 9.5, tags: {} }],
      tags: { host: 'web01' },
    });
    expect(grafanaTold(old('alerting'), from).events).toMatchObject([
      { dedup: 'rule 7', state: 'firing', summary: 'Load: too much', hosts: ['web01'], details: { values: 'load = 9.5' } },
    ]);
    expect(grafanaTold(old('ok'), from).events).toMatchObject([{ dedup: 'rule 7', state: 'resolved' }]);
    expect(grafanaTold(old('paused'), from).events).toEqual([]);
  });
});
