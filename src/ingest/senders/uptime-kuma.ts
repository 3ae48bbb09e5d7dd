import type { Hono } from 'hono';
import { Wrong } from '../wrong.ts';
import { fieldsAsked, keyIn } from './asked.ts';
import { serviceOf, startedAt } from './labelled.ts';
import { dedupOf, detailsIn, digestOf, fieldOf, fieldsIn, hostsIn, lineIn, linkIn, listIn, momentIn, textIn } from './read.ts';
import { answering, type Senders } from './senders.ts';
import type { From, Told } from './told.ts';
import { urgencyOf } from './urgency.ts';

/** Bytes. */
const LARGEST = 512_000;
/** Domain ms: a certificate that runs out is said again each day. */
const DAY = 86_400_000;

/** `/in/uptime-kuma[/<key>]`: its webhook, as JSON, as a form or as a GET; and where its provider for Keep posts the same. */
export function serveUptimeKuma(app: Hono, senders: Senders): void {
  app.on(
    ['POST', 'GET', 'PUT'],
    ['/in/uptime-kuma', '/in/uptime-kuma/:key', '/alerts/event/uptimekuma'],
    answering(async (c) => {
      const from = senders.from('uptime-kuma', keyIn(c));
      await senders.commit(from, uptimeKumaTold(await fieldsAsked(c, LARGEST), from));
      return c.json({ ok: true });
    }),
  );
}

/** Where the form is a form, all of it stands in `data`; where it is an address, each part is JSON of its own. Throws Wrong for neither. */
export function uptimeKumaTold(asked: Readonly<Record<string, unknown>>, from: From): Told {
  const said = typeof asked['data'] === 'string' ? fieldsIn(jsonOr(asked['data'])) : asked;
  const monitor = fieldsIn(jsonOr(said['monitor']));
  const heartbeat = fieldsIn(jsonOr(said['heartbeat']));
  const message = lineIn(said['msg']);
  const status = textIn(heartbeat['status']);
  if (status === undefined && message === undefined)
    throw new Wrong(400, 'This is no message of Uptime Kuma.', { why: 'It has "heartbeat" and "monitor", or "msg".' });
  if (status === undefined) return saidOnly(message as string, from);
  // 2 is not sure yet, 3 is a maintenance over there: neither says that it is down, nor that it is up.
  if (status !== '0' && status !== '1') return { events: [] };
  const tags = Object.fromEntries(listIn(monitor['tags']).map((tag) => [textIn(fieldsIn(tag)['name']) ?? '', fieldsIn(tag)['value']]));
  const name = lineIn(monitor['pathName']) ?? lineIn(monitor['name']) ?? 'a monitor';
  const why = lineIn(heartbeat['msg']);
  const link = linkIn(monitor['url']);
  return {
    events: [
      {
        integration: from.name,
        dedup: dedupOf(`monitor ${textIn(monitor['id']) ?? textIn(heartbeat['monitorID']) ?? name}`),
        state: status === '0' ? 'firing' : 'resolved',
        summary: lineIn(`${name} is ${status === '0' ? 'down' : 'up'}${why === undefined ? '' : `: ${why}`}`) as string,
        urgency: urgencyOf(from, fieldOf(tags, from.said.severity_label)),
        ...serviceOf(from, lineIn(fieldOf(tags, from.said.service_label))),
        hosts: hostsIn(monitor['hostname'], link),
        ...(link !== undefined && { link }),
        details: detailsIn(tags, { type: monitor['type'], hostname: monitor['hostname'], port: monitor['port'], ping: heartbeat['ping'] }),
        ...startedAt(from, momentIn(textIn(heartbeat['time'])?.replace(/^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)$/, '$1T$2Z'))),
      },
    ],
  };
}

/** Without a heartbeat it is a test, which asks nobody, or a certificate that runs out, which has no end over there. */
function saidOnly(message: string, from: From): Told {
  if (/\btest(ing)?\b/i.test(message)) return { events: [] };
  const dedup = `said ${digestOf(message.replace(/\d+/g, '#'))}`;
  return {
    events: [{ integration: from.name, dedup, state: 'firing', summary: message, urgency: 'low', ...serviceOf(from, undefined), hosts: [], details: {} }],
    until: new Map([[dedup, from.now + DAY + DAY / 4]]),
  };
}

function jsonOr(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
