import type { Context, Hono } from 'hono';
import { uniqueId } from '../../lib/ids.ts';
import { Wrong } from '../wrong.ts';
import { jsonIn } from './asked.ts';
import { recordChange } from './change.ts';
import { serviceOf, startedAt } from './labelled.ts';
import { dedupOf, detailsIn, fieldsIn, hostsIn, lineIn, linkIn, listIn, momentIn, textIn } from './read.ts';
import { answering, type Senders } from './senders.ts';
import type { From, Told } from './told.ts';
import { urgencyOf } from './urgency.ts';

/** Bytes: PagerDuty's own limit. */
const LARGEST = 512_000;

/** `POST /v2/enqueue` and `/v2/change/enqueue`: PagerDuty's Events API v2, answered as PagerDuty answers. */
export function servePagerDuty(app: Hono, senders: Senders): void {
  const said = async (c: Context) => {
    const body = fieldsIn(await jsonIn(c, LARGEST));
    return { body, from: senders.from('pagerduty', textIn(body['routing_key'])) };
  };
  app.post(
    '/v2/enqueue',
    answering(async (c) => {
      const { body, from } = await said(c);
      const told = pagerDutyTold(body, from);
      await senders.commit(from, told);
      return c.json({ status: 'success', message: 'Event processed', dedup_key: told.dedup }, 202);
    }, no),
  );
  app.post(
    '/v2/change/enqueue',
    answering(async (c) => {
      const { body, from } = await said(c);
      const change = changeIn(body, from);
      await senders.commit(from, { events: [] }, (tx) => recordChange(tx, from, change));
      return c.json({ status: 'success', message: 'Change event processed' }, 202);
    }, no),
  );
}

/** Throws Wrong with everything that is missing in `more.errors`. */
export function pagerDutyTold(body: Readonly<Record<string, unknown>>, from: From): Told & { dedup: string } {
  const payload = fieldsIn(body['payload']);
  const action = textIn(body['event_action']);
  const key = textIn(body['dedup_key']);
  const trigger = action === 'trigger';
  const errors = [
    ...(action !== undefined && Object.hasOwn(STATES, action) ? [] : [`'event_action' must be one of ${Object.keys(STATES).join(', ')}`]),
    ...(trigger
      ? ['summary', 'source', 'severity'].filter((name) => lineIn(payload[name]) === undefined).map((name) => `'payload.${name}' is missing or blank`)
      : []),
    ...(trigger && payload['severity'] !== undefined && !SEVERITIES.includes(textIn(payload['severity']) ?? '')
      ? [`'payload.severity' must be one of ${SEVERITIES.join(', ')}`]
      : []),
    ...(trigger || key !== undefined ? [] : [`'dedup_key' is missing or blank`]),
    ...(key !== undefined && key.length > 255 ? [`'dedup_key' is longer than 255 characters`] : []),
  ];
  if (errors.length > 0) throw invalid(errors);
  const dedup = key ?? uniqueId().replaceAll('-', '');
  const [first] = listIn(body['links']);
  const link = linkIn(fieldsIn(first)['href'], body['client_url']);
  const { component, group, class: kind, source } = payload;
  const named = [component, group].map((one) => lineIn(one)).find((one) => one !== undefined && from.isService(one));
  return {
    dedup,
    events: [
      {
        integration: from.name,
        dedup: dedupOf(dedup),
        state: STATES[action as keyof typeof STATES],
        summary: lineIn(payload['summary']) ?? lineIn(dedup, 100) ?? 'an alert',
        urgency: urgencyOf(from, payload['severity']),
        ...serviceOf(from, named),
        hosts: hostsIn(source, component),
        ...(link !== undefined && { link }),
        details: detailsIn(payload['custom_details'], { source, component, group, class: kind, client: body['client'] }),
        ...startedAt(from, momentIn(payload['timestamp'])),
      },
    ],
  };
}

function changeIn(body: Readonly<Record<string, unknown>>, from: From) {
  const payload = fieldsIn(body['payload']);
  const text = lineIn(payload['summary'], 1024);
  if (text === undefined) throw invalid([`'payload.summary' is missing or blank`]);
  const link = linkIn(fieldsIn(listIn(body['links'])[0])['href']);
  const source = lineIn(payload['source']);
  const at = startedAt(from, momentIn(payload['timestamp'])).started ?? from.now;
  return { text, at, ...(source !== undefined && { source }), ...(link !== undefined && { link }), details: detailsIn(payload['custom_details']) };
}

const STATES = { trigger: 'firing', acknowledge: 'acknowledged', resolve: 'resolved' } as const;
const SEVERITIES = ['critical', 'error', 'warning', 'info'];

const invalid = (errors: string[]): Wrong => new Wrong(400, 'Event object is invalid', { more: { errors } });

/** Whatever a client cannot mend by sending it again is 400 there, also a key nobody knows. */
function no(c: Context, { status, message, more, why }: Wrong): Response {
  if (status === 503) return c.json({ status: 'unavailable', message: why ?? message }, 503);
  const errors = more['errors'] ?? [status === 401 ? `'routing_key' is not known here` : message];
  return c.json({ status: 'invalid event', message: 'Event object is invalid', errors }, status === 413 ? 413 : 400);
}
