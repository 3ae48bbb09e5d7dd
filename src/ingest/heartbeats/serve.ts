import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context, Hono } from 'hono';
import type { Config } from '../../config/schema.ts';
import { fieldsAsked } from '../senders/asked.ts';
import { textIn } from '../senders/read.ts';
import { answering, type Senders } from '../senders/senders.ts';
import { Wrong } from '../wrong.ts';
import type { Signal } from './decide.ts';
import { type HeartbeatsWorld, hear, type Pinged } from './hear.ts';
import { type Known, knownHeartbeat } from './known.ts';
import { rowOf } from './rows.ts';

/** Bytes of what a job printed that are kept; the rest is read and let go. */
const KEPT = 10_000;

/** A heartbeat found by its address. */
interface Found {
  known: Known;
  /** By whose ping key it is made now, or was. */
  integration: string | null;
}

/** The addresses of healthchecks, of Uptime Kuma's push and of GoAlert's heartbeats: whoever called those calls these, with another name of the server. */
export function serveHeartbeats(app: Hono, senders: Senders, world: HeartbeatsWorld): void {
  const say = (found: Found, said: Pinged) => senders.committed((tx) => hear(tx, world, found.known, found.integration, said));
  const healthchecks = answering(
    async (c) => {
      const [first = '', second, third] = c.req.path.split('/').slice(2).map(decoded);
      const own = byKey(world.config(), first);
      const found = own && third === undefined ? own : await bySlug(senders, world.config(), first, second, c.req.query('create') === '1');
      const suffix = own && third === undefined ? second : third;
      const { made } = await say(found, { ...signalIn(suffix), ...ridIn(c.req.query('rid')), ...(await saidIn(c)) });
      return text(c, made ? 201 : 200, made ? 'Created' : 'OK');
    },
    (c, { status, message }) => text(c, status as 400, message),
  );
  app.on(['GET', 'POST'], ['/ping/:one', '/ping/:one/:two', '/ping/:one/:two/:three'], healthchecks);
  app.all(
    '/api/push/:key',
    answering(
      async (c) => {
        const found = byKey(world.config(), c.req.param('key') as string);
        if (!found) throw new Wrong(404, 'Monitor not found or not active.');
        const { status, msg, ping } = await fieldsAsked(c, KEPT).catch(() => c.req.query() as Record<string, unknown>);
        const said = [textIn(msg), textIn(ping) === undefined ? undefined : `${textIn(ping)} ms`].filter((one) => one !== undefined).join(', ');
        await say(found, { signal: textIn(status)?.toLowerCase() === 'down' ? 'fail' : 'success', ...(said !== '' && { said: said.slice(0, KEPT) }) });
        return c.json({ ok: true });
      },
      (c, { status, message, why }) => c.json({ ok: false, msg: why ?? message }, status),
    ),
  );
  app.post(
    '/api/v2/heartbeat/:key',
    answering(
      async (c) => {
        const found = byKey(world.config(), c.req.param('key') as string);
        if (!found) throw new Wrong(404, 'not found');
        await say(found, { signal: 'success' });
        return c.body(null, 204);
      },
      (c, { status, message }) => c.text(message, status),
    ),
  );
}

/** Compared in the same time whatever was sent, with the key of every heartbeat. A UUID is the same in large letters. */
function byKey(config: Config, sent: string): Found | undefined {
  const wanted = digest(sent.toLowerCase());
  let name: string | undefined;
  for (const [one, { key }] of Object.entries(config.heartbeats)) if (key && timingSafeEqual(digest(key.reveal().toLowerCase()), wanted)) name = one;
  const known = name === undefined ? undefined : knownHeartbeat(config, name);
  return known && { known, integration: null };
}

/** `/ping/<ping key>/<slug>`. Throws Wrong as healthchecks does; a key nobody knows and a slug nobody knows look the same. */
async function bySlug(senders: Senders, config: Config, pingKey: string, slug: string | undefined, create: boolean): Promise<Found> {
  if (!/^[A-Za-z0-9_-]{1,200}$/.test(pingKey) || (slug !== undefined && !/^[a-z0-9_-]{1,100}$/.test(slug))) throw new Wrong(400, 'invalid url format');
  const none = new Wrong(404, 'not found');
  if (slug === undefined) throw none;
  let integration: string;
  try {
    integration = senders.from('healthchecks', pingKey).name;
  } catch {
    throw none;
  }
  const said = Object.hasOwn(config.heartbeats, slug) ? config.heartbeats[slug] : undefined;
  const configured = said && (said.integration ?? integration) === integration ? knownHeartbeat(config, slug) : undefined;
  if (configured) return { known: configured, integration: null };
  const name = `${integration}/${slug}`;
  const made = create || (await senders.committed((tx) => rowOf(tx, name))) !== undefined ? knownHeartbeat(config, name, integration) : undefined;
  if (!made) throw none;
  return { known: made, integration };
}

function signalIn(suffix: string | undefined): { signal: Signal; exit?: number } {
  if (suffix === undefined) return { signal: 'success' };
  if (suffix === 'start' || suffix === 'fail' || suffix === 'log') return { signal: suffix };
  const exit = /^\d{1,3}$/.test(suffix) ? Number(suffix) : Number.NaN;
  if (!(exit <= 255)) throw new Wrong(400, 'invalid url format');
  return { signal: exit === 0 ? 'success' : 'fail', exit };
}

function ridIn(rid: string | undefined): { rid?: string } {
  if (rid === undefined) return {};
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(rid)) throw new Wrong(400, 'invalid uuid format');
  return { rid: rid.toLowerCase() };
}

/** The beginning of what was sent along. A longer body is no mistake: a job prints what it prints. */
async function saidIn(c: Context): Promise<{ said?: string }> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = c.req.raw.body?.getReader();
  for (;;) {
    const part = await reader?.read().catch(() => undefined);
    if (!part || part.done) break;
    if (length < KEPT) parts.push(part.value);
    length += part.value.byteLength;
    if (length > MOST) break;
  }
  await reader?.cancel().catch(() => {});
  const said = Buffer.concat(parts).subarray(0, KEPT).toString('utf8');
  return said === '' ? {} : { said };
}

/** Bytes that are read at all. */
const MOST = 4 * 1024 * 1024;

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '\0';
  }
}

const text = (c: Context, status: 200 | 201 | 400, said: string): Response =>
  c.text(said, status, { 'access-control-allow-origin': '*', 'ping-body-limit': String(KEPT) });

const digest = (key: string): Buffer => createHash('sha256').update(key).digest();
