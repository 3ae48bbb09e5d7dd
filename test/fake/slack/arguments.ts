import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join, resolve } from 'node:path';
import { packageRoot } from '../../../src/root.ts';
import type { Wire } from './workspace.ts';

/** What a call said, decoded as Slack decodes it: a form with JSON in its fields, or JSON. */
export async function readBody(request: IncomingMessage): Promise<{ raw: Buffer; fields: Record<string, Wire> }> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const raw = Buffer.concat(parts);
  const type = request.headers['content-type'] ?? '';
  if (type.startsWith('application/json')) return { raw, fields: JSON.parse(raw.toString('utf8') || '{}') };
  if (!type.startsWith('application/x-www-form-urlencoded')) return { raw, fields: {} };
  const fields: Record<string, Wire> = {};
  for (const [name, value] of new URLSearchParams(raw.toString('utf8')))
    fields[name] = /^[[{]/.test(value) && JSON_FIELDS.has(name) ? JSON.parse(value) : value;
  return { raw, fields };
}

const JSON_FIELDS = new Set(['blocks', 'attachments', 'metadata', 'view', 'files']);

/** Argument names the vendor's description of 2020 does not know yet, from today's pages of each method. */
const NEWER: Record<string, readonly string[]> = {
  'chat.postMessage': ['metadata', 'markdown_text'],
  'chat.update': ['metadata', 'markdown_text', 'file_ids', 'reply_broadcast'],
  'conversations.history': ['include_all_metadata'],
  'conversations.replies': ['include_all_metadata'],
  'conversations.open': ['prevent_creation'],
  'apps.connections.open': [],
  'files.getUploadURLExternal': ['filename', 'length', 'alt_text', 'snippet_type'],
  'files.completeUploadExternal': ['files', 'channel_id', 'channels', 'initial_comment', 'thread_ts', 'blocks'],
};

type Names = ReadonlyMap<string, ReadonlySet<string>>;
let read: Names | undefined | 'absent';

/** Argument names by method, from the vendor's archived description; `undefined` where it is not on this machine. */
function knownArguments(): Names | undefined {
  if (read === undefined) {
    const file = join(process.env.HOLDFAST_SPECS ?? resolve(packageRoot, '../shared/specs'), 'slack_web_openapi_v2.json');
    if (!existsSync(file)) read = 'absent';
    else {
      const { paths } = JSON.parse(readFileSync(file, 'utf8')) as { paths: Record<string, Record<string, { parameters: { name: string }[] }>> };
      read = new Map(
        Object.entries(paths).map(([path, kinds]) => [
          path.slice(1),
          new Set(Object.values(kinds).flatMap(({ parameters }) => parameters.map(({ name }) => name))),
        ]),
      );
    }
  }
  return read === 'absent' ? undefined : read;
}

/** Whether the vendor's own description judges what we send. */
export const specsAreHere = (): boolean => knownArguments() !== undefined;

/** Arguments of a call that no page of the vendor names. */
export function strangeArguments(method: string, fields: Record<string, Wire>): string[] {
  const names = knownArguments();
  if (!names) return [];
  const known = new Set(['token', ...(names.get(method) ?? []), ...(NEWER[method] ?? [])]);
  if (!names.has(method) && !NEWER[method]) return [`${method} is in no description of Slack's Web API`];
  return Object.keys(fields)
    .filter((name) => !known.has(name))
    .map((name) => `${method} has no argument "${name}"`);
}
