import type { Hono } from 'hono';
import { serveHeartbeats } from '../heartbeats/serve.ts';
import { serveAlertmanager } from './alertmanager.ts';
import { serveGeneric } from './generic.ts';
import { serveGoAlert } from './goalert.ts';
import { serveGrafana } from './grafana.ts';
import { serveOnCall } from './oncall.ts';
import { serveOpsgenie } from './opsgenie.ts';
import { servePagerDuty } from './pagerduty.ts';
import { servePrometheus } from './prometheus.ts';
import { openSenders, type SendersWorld } from './senders.ts';
import { serveUptimeKuma } from './uptime-kuma.ts';
import { serveZabbix } from './zabbix.ts';

const SENDERS = [
  ...[serveAlertmanager, servePrometheus, serveGrafana, servePagerDuty, serveOpsgenie],
  ...[serveUptimeKuma, serveGoAlert, serveOnCall, serveZabbix, serveGeneric],
];

/** Everything other systems send, each at the address its senders know: docs/alerts.md. */
export function serveSenders(app: Hono, world: SendersWorld): void {
  const senders = openSenders(world);
  for (const serve of SENDERS) serve(app, senders);
  serveHeartbeats(app, senders, world);
}
