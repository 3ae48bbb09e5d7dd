import type { Hono } from 'hono';
import { Wrong } from '../wrong.ts';
import { jsonIn, keyIn } from './asked.ts';
import { serviceOf } from './labelled.ts';
import { dedupOf, detailsIn, fieldOf, fieldsIn, hostsIn, lineIn, linkIn, listIn, textIn } from './read.ts';
import { answering, type Senders } from './senders.ts';
import type { From, Told } from './told.ts';
import { urgencyOf } from './urgency.ts';

/** Bytes. */
const LARGEST = 512_000;

/** `POST /in/zabbix`: what contrib/zabbix-media-type.yaml makes of Zabbix' macros. */
export function serveZabbix(app: Hono, senders: Senders): void {
  app.on(
    'POST',
    ['/in/zabbix', '/in/zabbix/:key'],
    answering(async (c) => {
      const from = senders.from('zabbix', keyIn(c));
      await senders.commit(from, zabbixTold(await jsonIn(c, LARGEST), from));
      return c.json({ taken: true });
    }),
  );
}

/** One problem, by its event. Throws Wrong for what names none. */
export function zabbixTold(body: unknown, from: From): Told {
  const said = fieldsIn(body);
  const event = macro(said['event_id']);
  if (event === undefined) throw new Wrong(400, 'This is no event of Zabbix.', { why: 'It has no "event_id": the macro {EVENT.ID}.' });
  const tags = tagsIn(said['tags']);
  const name = lineIn(macro(said['name'])) ?? lineIn(`event ${event}`) ?? 'an event';
  const hosts = hostsIn(macro(said['host']), macro(said['host_ip']));
  const link = linkIn(said['url']);
  return {
    events: [
      {
        integration: from.name,
        dedup: dedupOf(event),
        state: macro(said['value']) === '0' ? 'resolved' : macro(said['acknowledged'])?.toLowerCase() === 'yes' ? 'acknowledged' : 'firing',
        summary: hosts[0] === undefined || name.includes(hosts[0]) ? name : (lineIn(`${hosts[0]}: ${name}`) as string),
        urgency: urgencyOf(from, macro(said['severity'])),
        ...serviceOf(from, lineIn(fieldOf(tags, from.said.service_label))),
        hosts,
        ...(link !== undefined && { link }),
        details: detailsIn(tags, { opdata: macro(said['opdata']), trigger: macro(said['trigger_id']) }),
      },
    ],
  };
}

/** A macro Zabbix has nothing for stands there as it was written. */
const macro = (value: unknown): string | undefined => {
  const text = textIn(value);
  return text === undefined || /^\{[A-Z0-9.]+\}$|^\*UNKNOWN\*$/.test(text) ? undefined : text;
};

/** `[{"tag":"service","value":"web"}]`, as JSON or as a text of it ({EVENT.TAGSJSON}). */
function tagsIn(value: unknown): Record<string, unknown> {
  let list = value;
  if (typeof value === 'string')
    try {
      list = JSON.parse(value);
    } catch {
      return {};
    }
  return Object.fromEntries(listIn(list).map((tag) => [textIn(fieldsIn(tag)['tag']) ?? '', fieldsIn(tag)['value']]));
}
