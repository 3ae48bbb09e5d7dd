import { createHmac } from 'node:crypto';
import { type Faults, provider } from './provider.ts';

/** A program of somebody's own that pages them: it takes what is signed with its secret. */
export async function fakeWebhook(secret: string) {
  const faults: Faults = { fault: 'none', calls: 0 };
  const got: { key: string; body: Record<string, unknown> }[] = [];
  const { url } = await provider(
    faults,
    ({ method, headers, body }) => {
      const [, at, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['holdfast-signature'])) ?? [];
      if (method !== 'POST' || signature !== createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')) return { status: 401, body: {} };
      got.push({ key: String(headers['idempotency-key']), body: JSON.parse(body) });
      return { status: 204, body: {} };
    },
    { no: { status: 404, body: {} }, broken: { status: 502, body: {} }, busy: { status: 429, body: {} } },
  );
  return { url: `${url}/page`, faults, got };
}
