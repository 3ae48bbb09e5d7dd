import { type Faults, provider } from './provider.ts';

export interface Pushed {
  topic: string;
  title: string;
  message: string;
  priority: number;
  tags: string[];
  click?: string;
  actions?: { action: string; label: string; url: string; method?: string }[];
}

/** An ntfy server: publishing as JSON, `/v1/health`, and topics that only a token may write to. */
export async function fakeNtfy(options: { token?: string } = {}) {
  const faults: Faults = { fault: 'none', calls: 0 };
  const phone: Pushed[] = [];
  const { url } = await provider(
    faults,
    ({ method, path, headers, body }) => {
      if (method === 'GET' && path === '/v1/health') return { status: 200, body: { healthy: true } };
      if (method !== 'POST' || path !== '/') return { status: 404, body: { code: 40401, http: 404, error: 'page not found' } };
      if (options.token !== undefined && headers.authorization !== `Bearer ${options.token}`)
        return { status: 403, body: { code: 40301, http: 403, error: 'forbidden' } };
      const push = JSON.parse(body) as Pushed;
      if (!/^[-_A-Za-z0-9]{1,64}$/.test(push.topic)) return { status: 400, body: { code: 40009, http: 400, error: 'invalid request: topic invalid' } };
      if (Buffer.byteLength(push.message) > 4096) return { status: 413, body: { code: 41301, http: 413, error: 'message too large' } };
      if (![1, 2, 3, 4, 5].includes(push.priority)) return { status: 400, body: { code: 40007, http: 400, error: 'invalid priority' } };
      phone.push(push);
      return { status: 200, body: { id: `ntfy${phone.length}`, time: 1, event: 'message', topic: push.topic } };
    },
    {
      no: { status: 403, body: { code: 40301, http: 403, error: 'forbidden' } },
      broken: { status: 500, body: { code: 50001, http: 500, error: 'internal server error' } },
      busy: { status: 429, body: { code: 42901, http: 429, error: 'limit reached: too many requests' } },
    },
  );
  return { url, faults, phone };
}
