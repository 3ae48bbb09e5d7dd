import type { Hono } from 'hono';
import type { AlertEvent } from '../../alerts/event.ts';
import type { Mapping } from '../../config/integrations.ts';
import { Wrong } from '../wrong.ts';
import { jsonIn, keyIn } from './asked.ts';
import { serviceOf, startedAt } from './labelled.ts';
import { dedupOf, detailsIn, fieldOf, fieldsIn, hostsIn, lineIn, linkIn, momentIn, textIn } from './read.ts';
import { answering, type Senders } from './senders.ts';
import type { From, Told } from './told.ts';
import { urgencyOf } from './urgency.ts';

/** `POST /in/generic[/<key>]`: anything that can send JSON. Without a `mapping` in holdfast.yaml it has our own names. */
export function serveGeneric(app: Hono, senders: Senders): void {
  app.on(
    ['POST', 'PUT'],
    ['/in/generic', '/in/generic/:key'],
    answering(async (c) => {
      const from = senders.from('generic', keyIn(c));
      const told = genericTold(await jsonIn(c), from);
      await senders.commit(from, told);
      return c.json({ taken: told.events.length });
    }),
  );
}

/** Our own names; `state` is `resolved` when it is over. */
const OURS: Mapping = {
  ...{ summary: 'summary', dedup: 'dedup', state: 'state', resolved: ['resolved', 'ok', 'closed', 'up', 'recovered'], severity: 'urgency', service: 'service' },
  ...{ hosts: ['hosts', 'host'], link: 'link', started: 'started', details: ['details'] },
};

/** Throws Wrong where the list or a summary is missing: nothing of it is taken then. */
export function genericTold(body: unknown, from: From): Told {
  const mapping = from.said.mapping ?? OURS;
  const found = mapping.alerts === undefined ? body : at(body, mapping.alerts);
  if (mapping.alerts !== undefined && !Array.isArray(found))
    throw new Wrong(400, 'There is no list of alerts in this.', { why: `"${mapping.alerts}" is none.` });
  return { events: (Array.isArray(found) ? found : [found]).map((one, n) => eventIn(one, n, mapping, from)) };
}

function eventIn(one: unknown, n: number, mapping: Mapping, from: From): AlertEvent {
  const summary = lineIn(at(one, mapping.summary));
  if (summary === undefined) throw new Wrong(400, 'An alert has no summary.', { why: `"${mapping.summary}" of the ${n + 1}. is no text.` });
  const state = textIn(mapping.state === undefined ? undefined : at(one, mapping.state))?.toLowerCase();
  const link = linkIn(mapping.link === undefined ? undefined : at(one, mapping.link));
  return {
    integration: from.name,
    dedup: dedupOf(textIn(mapping.dedup === undefined ? undefined : at(one, mapping.dedup)) ?? summary),
    state:
      state !== undefined && mapping.resolved.some((word) => word.toLowerCase() === state) ? 'resolved' : state === 'acknowledged' ? 'acknowledged' : 'firing',
    summary,
    urgency: urgencyOf(from, mapping.severity === undefined ? undefined : at(one, mapping.severity)),
    ...serviceOf(from, lineIn(mapping.service === undefined ? undefined : at(one, mapping.service))),
    hosts: hostsIn(...mapping.hosts.map((way) => at(one, way))),
    ...(link !== undefined && { link }),
    details: detailsIn(...mapping.details.map((way) => detail(way, at(one, way)))),
    ...startedAt(from, momentIn(mapping.started === undefined ? undefined : at(one, mapping.started))),
  };
}

/** A block is its fields, anything else is named by the last word of its way. */
const detail = (way: string, value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? fieldsIn(value) : { [way.split('.').at(-1) as string]: value };

function at(value: unknown, way: string): unknown {
  return way
    .split(/[.[\]]+/)
    .filter((step) => step !== '')
    .reduce<unknown>((found, step) => (Array.isArray(found) ? found[Number(step)] : fieldOf(fieldsIn(found), step)), value);
}
