import type { Context } from 'hono';
import { bytesOf } from '../body.ts';
import { Wrong } from '../wrong.ts';
import { fieldsIn } from './read.ts';

/** Bytes. A group of Alertmanager may have thousands of alerts, and what is refused for its size it does not send again. */
const LARGEST = 16 * 1024 * 1024;

/** The key of a request: in its address, in the header its sender has for it, or after `?token=`. */
export function keyIn(c: Context): string | undefined {
  const inPath = c.req.param('key');
  if (inPath !== undefined) return inPath;
  const [, scheme = '', value = ''] = /^(bearer|basic|geniekey|token) +(\S{1,4096})$/i.exec(c.req.header('authorization') ?? '') ?? [];
  if (scheme.toLowerCase() !== 'basic') return value || c.req.header('x-api-key') || c.req.query('token');
  const text = Buffer.from(value, 'base64').toString('utf8');
  return text.slice(text.indexOf(':') + 1) || undefined;
}

/** Throws Wrong for what is no JSON. */
export async function jsonIn(c: Context, largest = LARGEST): Promise<unknown> {
  return parsed((await bytesOf(c, largest, 'Send fewer alerts at once.')).toString('utf8'));
}

/**
 * The body as JSON, or the fields of a form (either kind), with those of the address before it: for senders that send the one as well as the
 * other. Throws Wrong for what is none of them.
 */
export async function fieldsAsked(c: Context, largest = LARGEST): Promise<Record<string, unknown>> {
  const asked = Object.entries(c.req.query());
  const body = await bytesOf(c, largest, 'Send less.');
  const type = c.req.header('content-type') ?? '';
  if (body.length === 0) return Object.fromEntries(asked);
  if (!/^(multipart\/form-data|application\/x-www-form-urlencoded)\b/i.test(type))
    return Object.fromEntries([...asked, ...Object.entries(fieldsIn(parsed(body.toString('utf8'))))]);
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData().catch(() => {
    throw new Wrong(400, 'The body is no form.');
  });
  return Object.fromEntries([...asked, ...[...form.entries()].filter(([, value]) => typeof value === 'string')]);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Wrong(400, 'The body is no JSON.', { do: 'docs/alerts.md has what each sender sends.' });
  }
}
