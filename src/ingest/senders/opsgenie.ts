import type { Context, Hono } from 'hono';
import type { AlertEvent } from '../../alerts/event.ts';
import { uniqueId } from '../../lib/ids.ts';
import { Wrong } from '../wrong.ts';
import { jsonIn, keyIn } from './asked.ts';
import { serviceOf } from './labelled.ts';
import { dedupOf, detailsIn, fieldsIn, hostsIn, lineIn, textIn, textsIn } from './read.ts';
import { answering, type Senders } from './senders.ts';
import type { From, Told } from './told.ts';
import { urgencyOf } from './urgency.ts';

/** Bytes. */
const LARGEST = 512_000;

/** `POST /v2/alerts` and what follows an alert there: for those whom the end of Opsgenie in 2027 leaves without one. */
export function serveOpsgenie(app: Hono, senders: Senders): void {
  const taken = (c: Context): Response => c.json({ result: 'Request will be processed', took: 0.001, requestId: uniqueId() }, 202);
  app.post(
    '/v2/alerts',
    answering(async (c) => {
      const from = senders.from('opsgenie', keyIn(c));
      await senders.commit(from, opsgenieTold(await jsonIn(c, LARGEST), from));
      return taken(c);
    }, no),
  );
  for (const [verb, state] of [
    ['close', 'resolved'],
    ['acknowledge', 'acknowledged'],
  ] as const)
    app.post(
      `/v2/alerts/:alias/${verb}`,
      answering(async (c) => {
        const from = senders.from('opsgenie', keyIn(c));
        await senders.commit(from, { events: [about(from, c.req.param('alias') as string, state)] });
        return taken(c);
      }, no),
    );
  app.on(
    ['PUT', 'POST'],
    '/v2/alerts/:alias/priority',
    answering(async (c) => {
      const from = senders.from('opsgenie', keyIn(c));
      const alert = about(from, c.req.param('alias') as string, 'firing');
      const urgency = urgencyOf(from, fieldsIn(await jsonIn(c, LARGEST))['priority']);
      // Only of one that burns: it is no way to make one.
      const [known] = await senders.committed((tx) =>
        tx.query<{ summary: string }>(`select summary from alerts where integration = $1 and dedup = $2 and state = 'firing'`, [from.name, alert.dedup]),
      );
      if (known) await senders.commit(from, { events: [{ ...alert, ...known, urgency }] });
      return taken(c);
    }, no),
  );
  // Alertmanager's `update_alerts` and notes change words only: the alert is known already.
  app.on(
    ['PUT', 'POST'],
    ['/v2/alerts/:alias/message', '/v2/alerts/:alias/description', '/v2/alerts/:alias/notes'],
    answering(async (c) => {
      senders.from('opsgenie', keyIn(c));
      return taken(c);
    }, no),
  );
}

/** Throws Wrong (422) for an alert without a message. */
export function opsgenieTold(body: unknown, from: From): Told {
  const said = fieldsIn(body);
  const summary = lineIn(said['message']);
  if (summary === undefined)
    throw new Wrong(422, 'Request body is not processable. Please check the errors.', { more: { errors: { message: 'Message can not be empty.' } } });
  const alias = textIn(said['alias']);
  const details = fieldsIn(said['details']);
  const named = [details[from.said.service_label], said['entity'], ...textsIn(said['tags'])]
    .map((one) => lineIn(one))
    .find((one) => one !== undefined && from.isService(one));
  return {
    events: [
      {
        integration: from.name,
        dedup: dedupOf(alias ?? uniqueId()),
        state: 'firing',
        summary,
        urgency: urgencyOf(from, said['priority'] ?? 'P3'),
        ...serviceOf(from, named),
        hosts: hostsIn(said['entity'], ...from.said.host_labels.map((label) => details[label])),
        details: detailsIn(details, {
          description: said['description'],
          source: said['source'],
          entity: said['entity'],
          note: said['note'],
          tags: textsIn(said['tags']).join(', '),
        }),
      },
    ],
  };
}

const about = (from: From, alias: string, state: AlertEvent['state']): AlertEvent => ({
  ...{ integration: from.name, dedup: dedupOf(alias), state, summary: lineIn(alias) ?? 'an alert', urgency: from.said.urgency, hosts: [], details: {} },
});

function no(c: Context, { status, message, more, why }: Wrong): Response {
  const answer = { message: status === 401 ? 'Could not authenticate' : status === 503 ? (why ?? message) : message, took: 0.001, requestId: uniqueId() };
  return c.json({ ...answer, ...('errors' in more && { errors: more['errors'] }) }, status);
}
