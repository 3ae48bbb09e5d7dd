import type { Hono } from 'hono';
import type { AlertEvent } from '../../alerts/event.ts';
import { Wrong } from '../wrong.ts';
import { jsonIn, keyIn } from './asked.ts';
import { isWatchdog, type Labelled, labelledIn } from './labelled.ts';
import { digestOf, fieldsIn, lineIn, linkIn, listIn, textIn } from './read.ts';
import { answering, type Senders } from './senders.ts';
import type { From, Told } from './told.ts';

/** `POST /in/alertmanager[/<key>]`: `webhook_configs` of Alertmanager, version 4. Whatever is not 2xx it sends again, but for 4xx. */
export function serveAlertmanager(app: Hono, senders: Senders): void {
  app.on(
    'POST',
    ['/in/alertmanager', '/in/alertmanager/:key'],
    answering(async (c) => {
      const from = senders.from('alertmanager', keyIn(c));
      await senders.commit(from, alertmanagerTold(await jsonIn(c), from));
      return c.json({ taken: true });
    }),
  );
}

/**
 * One alert each: a group is sent again and again with other members, and within a group that fires some are over. An alert is named by its
 * fingerprint and its beginning. Throws Wrong for what is no group of alerts.
 */
export function alertmanagerTold(body: unknown, from: From): Told {
  const group = fieldsIn(body);
  if (!Array.isArray(group['alerts'])) throw new Wrong(400, 'This is no notification of Alertmanager.', { why: 'It has a list "alerts".' });
  const alerts = listIn(group['alerts']).map((one) => ({
    alert: labelledIn(one, from),
    over: (textIn(fieldsIn(one)['status']) ?? group['status']) === 'resolved',
  }));
  const watchdogs = alerts.filter(({ alert }) => isWatchdog(alert));
  const events = alerts
    .filter(({ alert }) => !isWatchdog(alert))
    .map(({ alert, over }): AlertEvent => ({ ...alert.event, dedup: dedupBy(alert), state: over ? 'resolved' : 'firing' }));
  return {
    events: [...events, ...leftOut(group, events, from)],
    ...(watchdogs.length > 0 && { watchdog: watchdogs.every(({ over }) => over) ? ('fail' as const) : ('success' as const) }),
  };
}

/** `fingerprint begin`; supersede.ts goes by this form. */
export const dedupBy = ({ fingerprint, startsAt }: Labelled): string =>
  startsAt === undefined ? fingerprint : `${fingerprint} ${new Date(startsAt).toISOString()}`;

/** What `max_alerts` cut off is an alert of its own, as long as something is cut off. */
function leftOut(group: Readonly<Record<string, unknown>>, events: readonly AlertEvent[], from: From): AlertEvent[] {
  const most = Number(textIn(group['truncatedAlerts']) ?? 0);
  const key = textIn(group['groupKey']);
  if (key === undefined || !Number.isFinite(most)) return [];
  const firing = events.filter(({ state }) => state === 'firing');
  const urgency = (['critical', 'high', 'low'] as const).find((one) => firing.some((event) => event.urgency === one)) ?? from.said.urgency;
  const service = firing[0]?.service ?? from.said.service;
  const link = linkIn(group['externalURL']);
  const labels = Object.entries(fieldsIn(group['groupLabels'])).map(([name, value]) => `${name}=${textIn(value) ?? ''}`);
  return [
    {
      integration: from.name,
      dedup: `group ${digestOf(key)}`,
      state: most > 0 && group['status'] !== 'resolved' ? 'firing' : 'resolved',
      summary: lineIn(`+${most} more of ${labels.join(', ') || 'this group'}: Alertmanager's max_alerts left them out`) as string,
      urgency,
      ...(service !== undefined && { service }),
      hosts: [],
      ...(link !== undefined && { link }),
      details: {},
    },
  ];
}
