import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alertmanagerTold } from '../../../src/ingest/senders/alertmanager.ts';
import { genericTold } from '../../../src/ingest/senders/generic.ts';
import { goAlertTold } from '../../../src/ingest/senders/goalert.ts';
import { grafanaTold } from '../../../src/ingest/senders/grafana.ts';
import { onCallTold } from '../../../src/ingest/senders/oncall.ts';
import { opsgenieTold } from '../../../src/ingest/senders/opsgenie.ts';
import { pagerDutyTold } from '../../../src/ingest/senders/pagerduty.ts';
import { prometheusTold } from '../../../src/ingest/senders/prometheus.ts';
import { fieldsIn } from '../../../src/ingest/senders/read.ts';
import type { From, Told } from '../../../src/ingest/senders/told.ts';
import { uptimeKumaTold } from '../../../src/ingest/senders/uptime-kuma.ts';
import { zabbixTold } from '../../../src/ingest/senders/zabbix.ts';
import { Wrong } from '../../../src/ingest/wrong.ts';
import { sender } from './a-sender.ts';

const wild = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.double(),
  fc.constantFrom(null, true, '', '\0', '__proto__', '‮', '\ud800', '0001-01-01T00:00:00Z', '2026-11-26T14:00:00Z', '9e999', -1, 1e300),
);
const anything = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    wild,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom('__proto__', 'constructor', 'severity', 'host', 'service', 'instance')),
      tie('value'),
      { maxKeys: 5 },
    ),
  ),
})).value;

/** Bodies with the names of the sender, and anything behind each; now and then anything at all. */
const bodyWith = (...names: string[]) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.record(Object.fromEntries(names.map((name) => [name, anything])), { requiredKeys: [] }) },
    { weight: 1, arbitrary: anything },
  );
const labelled = bodyWith('status', 'labels', 'annotations', 'startsAt', 'endsAt', 'generatorURL', 'fingerprint', 'values', 'panelURL');
const groupOf = fc.record(
  { alerts: fc.array(labelled, { maxLength: 4 }), status: wild, groupKey: wild, truncatedAlerts: anything, groupLabels: anything, externalURL: wild },
  { requiredKeys: ['alerts'] },
);

const SENDERS: [From['said']['kind'], fc.Arbitrary<unknown>, (body: unknown, from: From) => Told][] = [
  ['alertmanager', fc.oneof(groupOf, anything), alertmanagerTold],
  ['prometheus', fc.oneof(fc.array(labelled, { maxLength: 4 }), anything), prometheusTold],
  ['grafana', fc.oneof(groupOf, bodyWith('ruleName', 'ruleId', 'title', 'state', 'message', 'tags', 'evalMatches', 'ruleUrl')), grafanaTold],
  [
    'pagerduty',
    fc.record({
      event_action: fc.constantFrom('trigger', 'acknowledge', 'resolve', 'x'),
      dedup_key: anything,
      payload: bodyWith('summary', 'source', 'severity', 'component', 'group', 'custom_details', 'timestamp'),
      links: anything,
      client_url: wild,
    }),
    (body, from) => pagerDutyTold(fieldsIn(body), from),
  ],
  ['opsgenie', bodyWith('message', 'alias', 'details', 'tags', 'entity', 'priority', 'description'), opsgenieTold],
  ['uptime-kuma', bodyWith('heartbeat', 'monitor', 'msg', 'data'), (body, from) => uptimeKumaTold(fieldsIn(body), from)],
  ['goalert', bodyWith('summary', 'details', 'action', 'dedup', 'meta'), (body, from) => goAlertTold(fieldsIn(body), from)],
  ['oncall', bodyWith('alert_uid', 'title', 'state', 'message', 'link_to_upstream_details'), (body, from) => onCallTold(fieldsIn(body), from)],
  ['zabbix', bodyWith('event_id', 'value', 'severity', 'name', 'host', 'tags', 'url'), zabbixTold],
  ['generic', bodyWith('summary', 'dedup', 'state', 'urgency', 'hosts', 'link', 'started', 'details'), genericTold],
];

test.each(SENDERS)(
  'whatever is sent as %s, it is refused in words or comes to alerts within bounds: one line, strings, an address a browser may be sent to',
  (kind, bodies, told) => {
    const from = sender(kind, { service: 'web' });
    let taken = 0;
    fc.assert(
      fc.property(bodies, (body) => {
        let events: Told['events'];
        try {
          events = told(body, from).events;
        } catch (error) {
          expect(error).toBeInstanceOf(Wrong);
          return;
        }
        taken += events.length;
        for (const event of events) {
          expect(event.summary).toMatch(/^\S/);
          expect(event.summary.length).toBeLessThanOrEqual(1024);
          expect(event.summary).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
          expect(event.dedup.length).toBeGreaterThan(0);
          expect(event.dedup.length).toBeLessThanOrEqual(240);
          expect(event.dedup).not.toMatch(/[\p{Cc}\p{Cs}]/u);
          expect(['critical', 'high', 'low']).toContain(event.urgency);
          expect(event.service).toBe('web');
          if (event.link !== undefined) expect(event.link).toMatch(/^https?:\/\/[^\s<>"]+$/);
          if (event.started !== undefined) expect(event.started).toBeLessThanOrEqual(from.now);
          expect(event.hosts.length).toBeLessThanOrEqual(200);
          for (const host of event.hosts) expect(host).not.toMatch(/[\p{Cc}\p{Cs}]/u);
          for (const [name, value] of Object.entries(event.details)) {
            expect(`${name}${value}`.length).toBeLessThanOrEqual(1_100);
            expect(value).not.toMatch(/[\0\p{Cs}]/u);
          }
        }
      }),
      { numRuns: 300 },
    );
    expect(taken).toBeGreaterThan(10);
  },
);
