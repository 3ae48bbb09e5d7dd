import type { Hono } from 'hono';
import { Wrong } from '../wrong.ts';
import { fieldsAsked, keyIn } from './asked.ts';
import { serviceOf } from './labelled.ts';
import { dedupOf, detailsIn, fieldOf, hostsIn, lineIn, linkIn, textIn } from './read.ts';
import { answering, type Senders } from './senders.ts';
import type { From, Told } from './told.ts';
import { urgencyOf } from './urgency.ts';

/** Bytes. */
const LARGEST = 512_000;

/** `POST /integrations/v1/formatted_webhook/<key>/`: Grafana OnCall's, whose cloud ends in 2026. */
export function serveOnCall(app: Hono, senders: Senders): void {
  app.on(
    'POST',
    ['/integrations/v1/formatted_webhook/:key/', '/integrations/v1/formatted_webhook/:key'],
    answering(
      async (c) => {
        const from = senders.from('oncall', keyIn(c));
        await senders.commit(from, onCallTold(await fieldsAsked(c, LARGEST), from));
        return c.text('Ok.');
      },
      (c, { status, message }) => c.text(message, status),
    ),
  );
}

/** Throws Wrong for what has neither a title nor a message. */
export function onCallTold(asked: Readonly<Record<string, unknown>>, from: From): Told {
  const title = lineIn(asked['title']);
  const message = lineIn(asked['message']);
  if (title === undefined && message === undefined) throw new Wrong(400, 'This has neither a "title" nor a "message".');
  const link = linkIn(asked['link_to_upstream_details']);
  // Uptime Kuma sends no id, and "web is up" after "web is down".
  const named = title?.replace(/ is (up|down)$/, '');
  return {
    events: [
      {
        integration: from.name,
        dedup: dedupOf(textIn(asked['alert_uid']) ?? named ?? (message as string)),
        state: textIn(asked['state'])?.toLowerCase() === 'ok' ? 'resolved' : 'firing',
        summary: lineIn([title, message].filter((one) => one !== undefined).join(': ')) as string,
        urgency: urgencyOf(from, asked[from.said.severity_label]),
        ...serviceOf(from, lineIn(fieldOf(asked, from.said.service_label))),
        hosts: hostsIn(...from.said.host_labels.map((label) => fieldOf(asked, label))),
        ...(link !== undefined && { link }),
        details: detailsIn({ message: asked['message'] }),
      },
    ],
  };
}
