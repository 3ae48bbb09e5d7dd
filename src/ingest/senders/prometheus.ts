import type { Hono } from 'hono';
import type { AlertEvent } from '../../alerts/event.ts';
import { Wrong } from '../wrong.ts';
import { jsonIn, keyIn } from './asked.ts';
import { isWatchdog, labelledIn } from './labelled.ts';
import { answering, type Senders } from './senders.ts';
import type { From, Told } from './told.ts';

/** Alertmanager's own `resolve_timeout`, ms. */
const RESOLVE_TIMEOUT = 300_000;

/** `POST /api/v2/alerts`, also below `/in/prometheus/<key>`: Prometheus (`alerting.alertmanagers`) without an Alertmanager between. */
export function servePrometheus(app: Hono, senders: Senders): void {
  app.on(
    'POST',
    ['/api/v2/alerts', '/in/prometheus/:key/api/v2/alerts'],
    // As Alertmanager answers: nothing, or a text in quotes.
    answering(
      async (c) => {
        const from = senders.from('prometheus', keyIn(c));
        await senders.commit(from, prometheusTold(await jsonIn(c), from));
        return c.body(null, 200);
      },
      (c, { message, status }) => c.json(message, status),
    ),
  );
}

/** What fires is sent again every minute with the time until which it is to be believed; without one, `resolve_after`. Throws Wrong for what is no list. */
export function prometheusTold(body: unknown, from: From): Told {
  if (!Array.isArray(body)) throw new Wrong(400, 'bad request: a list of alerts is expected');
  const { now, wall, said } = from;
  const until = new Map<string, number>();
  const events: AlertEvent[] = [];
  let watchdog: Told['watchdog'];
  for (const one of body) {
    const alert = labelledIn(one, from);
    const over = alert.endsAt !== undefined && alert.endsAt <= wall;
    if (isWatchdog(alert)) {
      watchdog = over && watchdog !== 'success' ? 'fail' : 'success';
      continue;
    }
    const dedup = alert.fingerprint;
    if (!over) until.set(dedup, alert.endsAt === undefined ? now + (said.resolve_after ?? RESOLVE_TIMEOUT) : alert.endsAt - wall + now);
    events.push({ ...alert.event, dedup, state: over ? 'resolved' : 'firing' });
  }
  return { events, until, ...(watchdog && { watchdog }) };
}
