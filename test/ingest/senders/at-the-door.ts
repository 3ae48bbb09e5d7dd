import { KINDS } from '../../../src/config/integrations.ts';
import { HOSTS } from '../../alerts/alerts-at-work.ts';
import type { AtWorkOptions } from '../../runs/at-work.ts';
import { listening } from '../a-listener.ts';

/** The key of the integration of a kind. */
export const keyOf = (kind: string): string => kind.replace('-', '_').padEnd(32, 'x');
export const UUID = '0f4f2b5e-7b0a-4d3e-9c1d-5a6b7c8d9e0f';

/** One integration of each kind, named for it, and one heartbeat, on the private listener of a whole Holdfast without SSH: what people received stands in `shown`. */
export async function atTheDoor(options: AtWorkOptions = {}) {
  const integrations = Object.fromEntries(KINDS.map((kind) => [kind, { kind, key: keyOf(kind) }]));
  const work = await listening({
    hosts: HOSTS,
    ...options,
    config: {
      services: { web: { owner: 'ada', hosts: '@web' } },
      integrations,
      heartbeats: { backup: { key: UUID, every: '1h', grace: '10m', service: 'web' } },
      ...options.config,
    },
  });
  return {
    ...work,
    /** Sends something, and lets what it began come to people. */
    async sent(method: string, path: string, said: { body?: unknown; headers?: Record<string, string> } = {}) {
      const response = await fetch(work.http.url + path, {
        method,
        headers: { ...(said.body !== undefined && { 'content-type': 'application/json' }), ...said.headers },
        ...(said.body !== undefined && { body: typeof said.body === 'string' ? said.body : JSON.stringify(said.body) }),
      });
      const text = await response.text();
      await work.pass(0);
      return { status: response.status, headers: response.headers, text, json: /^[{[]/.test(text) ? (JSON.parse(text) as Record<string, unknown>) : {} };
    },
    /** What each alert is: `prometheus firing HostDown`, the oldest first. */
    alerts: async () =>
      (await work.db.query<{ integration: string; state: string; summary: string }>(`select integration, state, summary from alerts order by id`)).map(
        ({ integration, state, summary }) => `${integration} ${state} ${summary}`,
      ),
    pages: async () =>
      (await work.db.query<{ id: string; state: string; text: string }>(`select id, state, text from pages order by opened, id`)).map(
        ({ id, state, text }) => `${id} ${state} ${text}`,
      ),
  };
}
