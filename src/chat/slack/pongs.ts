import { channel } from 'node:diagnostics_channel';

/** When a connection last answered a ping, and how long that took. The SDK pings every 1.7 s and keeps the answers to itself. */
export interface Pongs {
  /** Wall time; `undefined` until the first. */
  last(): number | undefined;
  close(): void;
}

/** The WebSocket library tells of the pongs of every connection in the process; this hears those of one. */
export function hearPongs(client: object): Pongs {
  const pongs = channel('undici:websocket:pong');
  let last: number | undefined;
  const hear = (message: unknown): void => {
    const own = (client as { websocket?: { websocket?: unknown } | null }).websocket?.websocket;
    if (own && (message as { websocket?: unknown } | undefined)?.websocket === own) last = Date.now();
  };
  pongs.subscribe(hear);
  return { last: () => last, close: () => void pongs.unsubscribe(hear) };
}
