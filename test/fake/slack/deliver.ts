import { createHmac } from 'node:crypto';
import type { Sockets } from './sockets.ts';
import { THREE_SECONDS } from './triggers.ts';
import type { Wire, Workspace } from './workspace.ts';

/** What became of one delivery. `late`: acknowledged, but the person has seen the failure by then. */
export type Acked = { ok: true; payload: Wire } | { ok: false; why: 'no connection' | 'not acknowledged' | `status ${number}` };

/** When an event that was not acknowledged is sent again, ms after the failure before it. */
const RETRIES = [0, 60_000, 300_000];

/** Brings what happened to the app, on the transport in use, and judges what it answers by the stand-in's clock. */
export interface Deliveries {
  /** A command, a button, a form: once. */
  interact(kind: 'slash_commands' | 'interactive', payload: Wire): Promise<Acked>;
  /** An event: again at once, after 1 and after 5 minutes, until it is acknowledged. Resolves with the first attempt. */
  event(event: Wire, id?: string): Promise<Acked>;
  /** Signed HTTP to this URL instead of Socket Mode. */
  http: string | undefined;
  /** So many next deliveries come twice. */
  twice: number;
  /** So many next acknowledgements count as too late. */
  late: number;
  /** Every attempt, for tests that count. */
  attempts: { kind: string; id: string; retry: number; acked: Acked }[];
}

export function openDeliveries(world: { workspace: Workspace; sockets: Sockets; signingSecret: string }): Deliveries {
  const { workspace, sockets, signingSecret } = world;
  const { clock } = workspace;

  const overSocket = async (kind: string, payload: Wire, retry: { num: number; reason: string } | undefined): Promise<Acked> => {
    const envelope = {
      envelope_id: workspace.id('env-'),
      type: kind,
      payload,
      accepts_response_payload: kind !== 'events_api',
      ...(retry && { retry_attempt: retry.num, retry_reason: retry.reason }),
    };
    const acked = sockets.send(envelope);
    if (!acked) return { ok: false, why: 'no connection' };
    if (deliveries.twice > 0) {
      deliveries.twice -= 1;
      sockets.again(envelope);
    }
    return inTime(acked.then((answer) => ({ ok: true, payload: answer })));
  };

  const overHttp = async (url: string, kind: string, payload: Wire, retry: { num: number; reason: string } | undefined): Promise<Acked> => {
    const form =
      kind === 'events_api' ? undefined : kind === 'slash_commands' ? new URLSearchParams(payload) : new URLSearchParams({ payload: JSON.stringify(payload) });
    const body = form ? form.toString() : JSON.stringify(payload);
    const send = () => postSigned(url, body, { secret: signingSecret, form: form !== undefined, now: clock.now(), ...(retry && { retry }) });
    const answered = send();
    if (deliveries.twice > 0) {
      deliveries.twice -= 1;
      void send().catch(() => {});
    }
    return inTime(
      answered.then(
        async (response): Promise<Acked> => {
          if (response.status !== 200) return { ok: false, why: `status ${response.status}` };
          const text = await response.text();
          return { ok: true, payload: response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text ? { text } : {} };
        },
        (): Acked => ({ ok: false, why: 'no connection' }),
      ),
    );
  };

  /** By the stand-in's clock, whatever the wall says. */
  const inTime = (answer: Promise<Acked>): Promise<Acked> =>
    new Promise((resolve) => {
      const stop = clock.after(THREE_SECONDS, () => resolve({ ok: false, why: 'not acknowledged' }));
      void answer.then((acked) => {
        if (acked.ok && deliveries.late > 0) {
          deliveries.late -= 1;
          stop();
          return resolve({ ok: false, why: 'not acknowledged' });
        }
        stop();
        resolve(acked);
      });
    });

  const once = async (kind: string, payload: Wire, id: string, retry?: { num: number; reason: string }): Promise<Acked> => {
    const acked = await (deliveries.http === undefined ? overSocket(kind, payload, retry) : overHttp(deliveries.http, kind, payload, retry));
    deliveries.attempts.push({ kind, id, retry: retry?.num ?? 0, acked });
    workspace.changed();
    return acked;
  };

  const retryEvent = (payload: Wire, num: number, reason: string): void => {
    const wait = RETRIES[num - 1];
    if (wait === undefined) return;
    const again = async (): Promise<void> => {
      const acked = await once('events_api', payload, payload.event_id, { num, reason });
      if (!acked.ok) retryEvent(payload, num + 1, reasonOf(acked));
    };
    if (wait === 0) void again();
    else clock.after(wait, () => void again());
  };

  const deliveries: Deliveries = {
    http: undefined,
    twice: 0,
    late: 0,
    attempts: [],
    interact: (kind, payload) => once(kind, payload, payload.trigger_id ?? payload.view?.id ?? ''),
    async event(event, id = workspace.id('Ev')) {
      const payload = {
        token: 'verification-token',
        team_id: workspace.team,
        api_app_id: workspace.app,
        event,
        type: 'event_callback',
        event_id: id,
        event_time: Math.floor(clock.now() / 1000),
        authorizations: [{ enterprise_id: null, team_id: workspace.team, user_id: workspace.bot.id, is_bot: true, is_enterprise_install: false }],
        is_ext_shared_channel: false,
      };
      const acked = await once('events_api', payload, id);
      if (!acked.ok) retryEvent(payload, 1, reasonOf(acked));
      return acked;
    },
  };
  return deliveries;
}

const reasonOf = (acked: Acked & { ok: false }): string =>
  acked.why === 'no connection' ? 'connection_failed' : acked.why === 'not acknowledged' ? 'http_timeout' : 'http_error';

/** A request as Slack signs it. */
export function postSigned(
  url: string,
  body: string,
  { secret, form, now, retry }: { secret: string; form: boolean; now: number; retry?: { num: number; reason: string } },
): Promise<Response> {
  const stamp = String(Math.floor(now / 1000));
  return fetch(url, {
    method: 'POST',
    headers: {
      'content-type': form ? 'application/x-www-form-urlencoded' : 'application/json',
      'x-slack-request-timestamp': stamp,
      'x-slack-signature': `v0=${createHmac('sha256', secret).update(`v0:${stamp}:${body}`).digest('hex')}`,
      ...(retry && { 'x-slack-retry-num': String(retry.num), 'x-slack-retry-reason': retry.reason }),
    },
    body,
  });
}
