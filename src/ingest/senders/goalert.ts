import type { Context, Hono } from 'hono';
import { Wrong } from '../wrong.ts';
import { fieldsAsked, keyIn } from './asked.ts';
import { serviceOf } from './labelled.ts';
import { dedupOf, detailsIn, fieldOf, fieldsIn, hostsIn, lineIn, textIn, textsIn } from './read.ts';
import { answering, type Senders } from './senders.ts';
import type { From, Told } from './told.ts';
import { urgencyOf } from './urgency.ts';

/** Bytes. */
const LARGEST = 512_000;

/** `POST /api/v2/generic/incoming?token=<key>`: GoAlert's generic API, which much else speaks, Uptime Kuma too. */
export function serveGoAlert(app: Hono, senders: Senders): void {
  app.on(
    ['POST', 'PUT'],
    '/api/v2/generic/incoming',
    answering(async (c) => {
      const from = senders.from('goalert', keyIn(c));
      const told = goAlertTold(await fieldsAsked(c, LARGEST), from);
      const before = await idOf(senders, from, told);
      await senders.commit(from, told);
      if (!(c.req.header('accept') ?? '').includes('application/json')) return c.body(null, 204);
      const id = before ?? (await idOf(senders, from, told));
      return c.json({ AlertID: Number(id ?? 0), ServiceID: told.events[0]?.service ?? '', IsNew: before === undefined && id !== undefined });
    }, no),
  );
}

/** Throws Wrong for what has no summary. */
export function goAlertTold(asked: Readonly<Record<string, unknown>>, from: From): Told {
  const { summary: said, details, action, dedup } = asked;
  const summary = lineIn(said, 1024);
  if (summary === undefined) throw new Wrong(400, 'invalid summary: must not be empty');
  const meta = metaIn(asked['meta']);
  const monitor = kumaIn(summary);
  return {
    events: [
      {
        integration: from.name,
        // Without a key it is GoAlert's: the text itself.
        dedup: dedupOf(textIn(dedup) ?? monitor ?? `${summary}\n${textIn(details) ?? ''}`),
        state: textIn(action) === 'close' ? 'resolved' : 'firing',
        summary,
        urgency: urgencyOf(from, fieldOf(meta, from.said.severity_label)),
        ...serviceOf(from, lineIn(fieldOf(meta, from.said.service_label))),
        hosts: hostsIn(...from.said.host_labels.map((label) => fieldOf(meta, label))),
        details: detailsIn(meta, { details }),
      },
    ],
  };
}

/** `[web] [🔴 Down] connect ECONNREFUSED`: what Uptime Kuma sends has no key, and another text when it is up again. */
function kumaIn(summary: string): string | undefined {
  const [, name] = /^\[(.{1,200}?)\] \[(?:🔴 Down|✅ Up)\]/u.exec(summary) ?? [];
  return name === undefined ? undefined : `monitor ${name}`;
}

/** A map, or `name=value` once or several times. */
function metaIn(value: unknown): Record<string, unknown> {
  const pairs = [...(typeof value === 'string' ? [value] : []), ...textsIn(value)];
  if (pairs.length === 0) return fieldsIn(value);
  return Object.fromEntries(pairs.filter((pair) => pair.includes('=')).map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}

async function idOf({ db }: Senders, from: From, { events: [event] }: Told): Promise<string | undefined> {
  const rows = await db
    .query<{ id: string }>(`select id from alerts where integration = $1 and dedup = $2 and state = 'firing'`, [from.name, event?.dedup])
    // The number is a courtesy; what counts is the commit.
    .catch(() => []);
  return rows[0]?.id;
}

const no = (c: Context, { status, message, why }: Wrong): Response =>
  c.text(status === 401 ? 'unauthorized' : [message, why].filter(Boolean).join(' '), status);
