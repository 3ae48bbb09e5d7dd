import { type App, type ReceiverEvent, SocketModeReceiver } from '@slack/bolt';
import type { ChatWorld } from '../room.ts';
import { codeOf, failed, REFUSES_TOKEN } from './failures.ts';
import { hearPongs } from './pongs.ts';
import { sdkLog } from './sdk-log.ts';
import { type SlackTimes, TIMES } from './times.ts';

/** One connection in Socket Mode, kept open for ever. */
export interface KeptSocket {
  /** Wall time since when it is not there for a reason that may lie in this process; `undefined` while it is, and while Slack refuses the token. */
  downSince(): number | undefined;
  close(): void;
}

/**
 * Opens a connection, hears by it, and opens another when it ends. The SDK's own reconnecting is off: it leaves 5 s without a
 * connection each time, and where it fails for good the failure is nobody's and ends the process.
 */
export function keepSocket(
  world: Pick<ChatWorld, 'config' | 'log' | 'connections'> & { name: string; hear(event: ReceiverEvent): Promise<void>; times?: SlackTimes },
): KeptSocket {
  const { name, log, connections, times = TIMES } = world;
  const ending = new AbortController();
  let open: Open | undefined;
  let down: number | undefined = Date.now();
  let failures = 0;

  const report = (ok: boolean, says: string): void => connections.report({ name, platform: 'slack', ok, says });
  const keep = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      try {
        const next = await openOne(world, times, ending.signal);
        // What it takes the place of goes only now: there was no moment without.
        open?.close();
        open = next;
        down = undefined;
        failures = 0;
        report(true, 'open');
        const why = await next.ended;
        if (why === SILENT) continue;
        open = undefined;
        down = Date.now();
        if (!ending.signal.aborted) log.info({ connection: name, why }, 'a connection to Slack ended and is opened again');
      } catch (error) {
        open?.close();
        open = undefined;
        failures += 1;
        const { says, after, refused } = explain(error);
        down = refused ? undefined : (down ?? Date.now());
        if (!ending.signal.aborted) report(false, says);
        const pause = Math.min(times.again[0] * 2 ** (failures - 1), times.again[1]);
        await sleep(Math.max(after, pause * (0.75 + Math.random() / 2)), ending.signal);
      }
    }
  };
  void keep().catch((error: unknown) => log.error({ err: error, connection: name }, 'a connection to Slack is not kept any more'));
  return {
    downSince: () => down,
    close() {
      ending.abort();
      open?.close();
    },
  };
}

const SILENT = 'it brought nothing for a long time';
/** What may come over the wire; anything else never reaches the SDK, which would take it apart without looking. */
const FRAMES = new Set(['hello', 'disconnect', 'events_api', 'slash_commands', 'interactive']);

interface Open {
  /** Resolves with why it is over. */
  ended: Promise<string>;
  close(): void;
}

async function openOne(
  { config, log, hear }: Pick<ChatWorld, 'config' | 'log'> & { hear(event: ReceiverEvent): Promise<void> },
  times: SlackTimes,
  signal: AbortSignal,
): Promise<Open> {
  const { app_token: token, api_url: url } = config().slack ?? {};
  const receiver = new SocketModeReceiver({
    appToken: token?.reveal() ?? '',
    autoReconnectEnabled: false,
    logger: sdkLog(log),
    // Its own: what is set on an app is shared with the one call that must not end the process.
    installerOptions: {
      clientOptions: { ...(url !== undefined && { slackApiUrl: url }), retryConfig: { retries: 0 }, timeout: times.call, rejectRateLimitedCalls: true },
    },
    // Not acknowledged: Slack sends it again, or shows that it failed.
    processEventErrorHandler: async ({ error }) => {
      log.warn({ err: error }, 'a delivery from Slack was not taken');
      return false;
    },
  });
  receiver.init({ processEvent: hear } as unknown as App);
  const { client } = receiver;
  let lastInbound = Date.now();
  guardFrames(client, (frame) => {
    if (frame !== 'hello') lastInbound = Date.now();
  });
  const pongs = hearPongs(client);
  let over = (_why: string): void => {};
  const ended = new Promise<string>((resolve) => {
    over = resolve;
  });
  client.on('disconnected', () => over('it was closed'));
  let watch: NodeJS.Timeout | undefined;
  const close = (): void => {
    over('we closed it');
    clearInterval(watch);
    pongs.close();
    receiver.stop().catch(() => {});
  };
  const started = receiver.start();
  started.catch(() => {});
  try {
    await inTime(started, times.hello, signal);
  } catch (error) {
    close();
    throw error ?? new Unconnected('Slack closed the connection before it said hello');
  }
  watch = setInterval(() => {
    const now = Date.now();
    if (pongs.last() !== undefined && now - (pongs.last() as number) > times.pong) {
      log.warn({ pong: now - (pongs.last() as number) }, 'a connection to Slack gives no sign of life and is given up');
      close();
    } else if (now - lastInbound > times.silence) over(SILENT);
  }, times.look).unref();
  void ended.then((why) => {
    clearInterval(watch);
    if (why !== SILENT) pongs.close();
  });
  return { ended, close };
}

/**
 * Hands on only frames that have what the SDK reads without asking: one that has not would be a rejection that nobody hears, and
 * end the process.
 */
function guardFrames(client: SocketModeReceiver['client'], heard: (type: string) => void): void {
  const inner = client as unknown as { onWebSocketMessage(data: unknown, binary: boolean): Promise<void> };
  client.removeAllListeners('ws_message');
  client.on('ws_message', (data: unknown, binary: boolean) => {
    const frame = binary ? undefined : readFrame(String(data));
    if (!frame) return;
    heard(frame.type);
    inner.onWebSocketMessage(data, binary).catch(() => {});
  });
}

function readFrame(text: string): { type: string } | undefined {
  try {
    const frame = JSON.parse(text) as { type?: unknown; payload?: { event?: { type?: unknown } } } | null;
    if (typeof frame?.type !== 'string' || !FRAMES.has(frame.type)) return undefined;
    if (frame.type === 'events_api' && typeof frame.payload?.event?.type !== 'string') return undefined;
    return { type: frame.type };
  } catch {
    return undefined;
  }
}

class Unconnected extends Error {}

function explain(error: unknown): { says: string; after: number; refused?: true } {
  const code = codeOf(error);
  if (code !== undefined && REFUSES_TOKEN.has(code))
    return { says: `Slack refuses the app token (${code}). Put a good one under slack.app_token in holdfast.yaml and reload.`, after: 30_000, refused: true };
  if (error instanceof Unconnected) return { says: error.message, after: 0 };
  const outcome = failed(error);
  return { says: outcome.says, after: outcome.why === 'later' && outcome.says === 'Slack asks to wait' ? outcome.after : 0 };
}

function inTime<Value>(promise: Promise<Value>, ms: number, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Unconnected(`Slack did not say hello within ${ms / 1000} s`)), ms);
    const stop = (): void => reject(new Error('closed'));
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    });
  });
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
