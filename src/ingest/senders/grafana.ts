import type { Hono } from 'hono';
import { Wrong } from '../wrong.ts';
import { alertmanagerTold } from './alertmanager.ts';
import { jsonIn, keyIn } from './asked.ts';
import { serviceOf } from './labelled.ts';
import { dedupOf, detailsIn, fieldsIn, hostsIn, lineIn, linkIn, listIn, textIn } from './read.ts';
import { answering, type Senders } from './senders.ts';
import type { From, Told } from './told.ts';

/** `POST` or `PUT /in/grafana[/<key>]`: Grafana's contact point of type webhook. */
export function serveGrafana(app: Hono, senders: Senders): void {
  app.on(
    ['POST', 'PUT'],
    ['/in/grafana', '/in/grafana/:key'],
    answering(async (c) => {
      const from = senders.from('grafana', keyIn(c));
      await senders.commit(from, grafanaTold(await jsonIn(c), from));
      return c.json({ taken: true });
    }),
  );
}

/** As Alertmanager's, with a few keys more; before Grafana 9 one rule with its `state`. Throws Wrong for neither. */
export function grafanaTold(body: unknown, from: From): Told {
  const said = fieldsIn(body);
  if (Array.isArray(said['alerts'])) return alertmanagerTold(body, from);
  const rule = lineIn(said['ruleName']) ?? lineIn(said['title']);
  const state = textIn(said['state'])?.toLowerCase();
  if (rule === undefined || state === undefined)
    throw new Wrong(400, 'This is no notification of Grafana.', { why: 'It has a list "alerts", or "ruleName" and "state".' });
  // A rule that waits or is switched off says nothing about what it looks at.
  if (state === 'pending' || state === 'paused') return { events: [] };
  const values = listIn(said['evalMatches']).map((one) => `${textIn(fieldsIn(one)['metric']) ?? 'value'} = ${textIn(fieldsIn(one)['value']) ?? '?'}`);
  const message = lineIn(said['message']);
  const link = linkIn(said['ruleUrl']);
  const tags = fieldsIn(said['tags']);
  return {
    events: [
      {
        integration: from.name,
        dedup: dedupOf(`rule ${textIn(said['ruleId']) ?? rule}`),
        state: state === 'ok' ? 'resolved' : 'firing',
        summary: message === undefined ? rule : (lineIn(`${rule}: ${message}`) as string),
        urgency: from.said.urgency,
        ...serviceOf(from, textIn(tags[from.said.service_label])),
        hosts: hostsIn(...from.said.host_labels.map((label) => tags[label])),
        ...(link !== undefined && { link }),
        details: detailsIn(tags, values.length > 0 ? { values: values.join(', ') } : {}),
      },
    ],
  };
}
