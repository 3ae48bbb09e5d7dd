import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openHttp } from '../../src/chat/http/open.ts';
import { type AtWorkOptions, atWork } from '../runs/at-work.ts';

export const KEY = 'ci-key-of-more-than-24-characters';
export const OTHER = 'other-key-of-more-than-24-characters';
export const ZINCATI = 'zincati-key-of-more-than-24-characters';

export const AUTOMATION = {
  ci: { key: KEY, role: 'operator' },
  scoped: { key: OTHER, role: 'operator on @mel' },
  zincati: { key: ZINCATI, role: 'operator', fleetlock: {} },
};

/** Holdfast at work, without SSH, and its private listener: asked over real HTTP. */
export async function listening(options: AtWorkOptions = {}) {
  const work = await atWork({ ...options, config: { automation: AUTOMATION, ...options.config } });
  const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-ingest-'));
  const { ops, db, lines } = work;
  const http = await openHttp({ ops, db, lines, dataDir, env: { PRIVATE_PORT: '0' }, renderers: work.rooms.renderers });
  onTestFinished(async () => {
    await http.close();
    rmSync(dataDir, { recursive: true });
  });
  const ask = async (method: string, path: string, said: { body?: unknown; key?: string; headers?: Record<string, string> } = {}) => {
    const response = await fetch(http.url + path, {
      method,
      headers: { ...(said.key !== '' && { authorization: `Bearer ${said.key ?? KEY}` }), ...said.headers },
      ...(said.body !== undefined && { body: typeof said.body === 'string' ? said.body : JSON.stringify(said.body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {} };
  };
  let n = 0;
  return {
    ...work,
    http,
    dataDir,
    ask,
    get: (path: string, key?: string) => ask('GET', path, key === undefined ? {} : { key }),
    post: (path: string, body: unknown, said: { key?: string; headers?: Record<string, string> } = {}) => ask('POST', path, { body, ...said }),
    /** Sends a line under a key of its own. */
    send: (body: Record<string, unknown>, said: { key?: string } = {}) =>
      ask('POST', '/v1/runs', { body, ...said, headers: { 'idempotency-key': `request-${++n}` } }),
    fleetlock: (path: 'pre-reboot' | 'steady-state', id: string, said: { group?: string; key?: string } = {}) =>
      ask('POST', `/v1/${path}`, {
        body: { client_params: { id, group: said.group ?? 'default' } },
        key: said.key ?? ZINCATI,
        headers: { 'fleet-lock-protocol': 'true' },
      }),
  };
}
