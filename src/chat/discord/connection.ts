import { type SessionInfo, WebSocketManager, WebSocketShardEvents } from '@discordjs/ws';
import { GatewayOpcodes } from 'discord-api-types/v10';
import type { Patience } from './patience.ts';
import { type Rest, statusOf } from './rest.ts';

/** Why one socket is over. `code` is Discord's close code, where there was one. */
export interface Over {
  says: string;
  code?: number;
  /** A RESUME of its session makes no sense any more. */
  forget?: true;
}

export interface Connection {
  /** Ends it without a word to `over`; the session is kept for a RESUME unless `last`. */
  retire(last?: boolean): void;
}

/**
 * One life of one socket, by discord.js' own Gateway library. It never reconnects by itself: whatever ends it is told once, and the
 * Gateway makes another. A round trip now and then proves that the path is alive, however long Discord's heartbeat is.
 */
export function openConnection(world: {
  rest: Rest;
  token: string;
  intents: number;
  patience: Patience;
  session: SessionInfo | undefined;
  mayIdentify(signal: AbortSignal): Promise<void>;
  kept(session: SessionInfo): void;
  ready(resumed: boolean, data?: { user: { id: string }; application: { id: string } }): void;
  heard(event: { t: string; d: unknown }): void;
  over(why: Over): void;
}): Connection {
  const { patience } = world;
  let session = world.session;
  let open = false;
  let done = false;
  let heardAt = Date.now();
  let beat: NodeJS.Timeout | undefined;

  const manager = new WebSocketManager({
    token: world.token,
    intents: world.intents,
    rest: world.rest.library,
    shardCount: 1,
    shardIds: [0],
    handshakeTimeout: patience.connect,
    helloTimeout: patience.connect,
    readyTimeout: patience.connect,
    buildIdentifyThrottler: () => ({ waitForIdentify: (_shard, signal) => world.mayIdentify(signal) }),
    // The library reconnects half a second after an end; of a socket that is over nothing comes back here.
    retrieveSessionInfo: () => (done ? new Promise<never>(() => undefined) : (session ?? null)),
    updateSessionInfo(_shard, info) {
      if (done) return;
      if (info) {
        session = info;
        world.kept(info);
      } else if (open) end({ says: 'Discord ended the session', forget: true });
    },
  });
  const end = (why: Over): void => {
    if (done) return;
    stop();
    world.over(why);
  };
  const stop = (): void => {
    done = true;
    clearTimeout(deadline);
    clearTimeout(beat);
  };
  const trip = (): void => {
    beat = setTimeout(() => {
      const asked = Date.now();
      Promise.resolve(manager.send(0, { op: GatewayOpcodes.Heartbeat, d: session?.sequence ?? null })).catch((error: Error) =>
        end({ says: `it takes nothing more (${error.message})` }),
      );
      beat = setTimeout(() => (heardAt >= asked ? trip() : leave(`nothing came for ${Math.round((Date.now() - heardAt) / 1000)} s`)), patience.answer);
    }, patience.roundTrip);
  };
  /** Closes with a code after which the session can be taken up again; the peer may be gone, so nobody waits for it. */
  const leave = (says: string, forget?: true): void => {
    end({ says, ...(forget && { forget }) });
    hangUp(forget ? 1000 : KEEP);
  };
  const hangUp = (code: number): void => void Promise.resolve(manager.destroy({ code })).catch(() => undefined);
  /** READY and RESUMED are waited for by nobody else: the library has no timer for a RESUME. */
  const expectReady = (): NodeJS.Timeout =>
    setTimeout(() => leave(session ? 'a RESUME was not answered' : 'it did not become ready', session && true), patience.connect);
  let deadline = expectReady();

  const up = (resumed: boolean, data?: { user: { id: string }; application: { id: string } }): void => {
    clearTimeout(deadline);
    clearTimeout(beat);
    if (done) return;
    trip();
    world.ready(resumed, data);
  };
  manager.on(WebSocketShardEvents.Hello, () => {
    open = true;
    heardAt = Date.now();
  });
  manager.on(WebSocketShardEvents.HeartbeatComplete, () => {
    heardAt = Date.now();
  });
  manager.on(WebSocketShardEvents.Debug, ({ message }) => {
    // On a socket that was ready once, too: Discord may ask for it at any time (op 9).
    if (done || !message.startsWith('Resuming session')) return;
    clearTimeout(deadline);
    deadline = expectReady();
  });
  manager.on(WebSocketShardEvents.Ready, ({ data }) => up(false, data));
  manager.on(WebSocketShardEvents.Resumed, () => up(true));
  manager.on(WebSocketShardEvents.Dispatch, ({ data }) => {
    heardAt = Date.now();
    if (!done) world.heard(data as { t: string; d: unknown });
  });
  manager.on(WebSocketShardEvents.Closed, ({ code }) => end({ says: `it was closed (${code})`, code, ...(FORGET.has(code) && { forget: true as const }) }));
  manager.on(WebSocketShardEvents.Error, () => undefined);
  manager.connect().catch(async (error: Error) => {
    if (statusOf(error) === 401) await world.rest.doubt();
    end({ says: `the Gateway cannot be reached (${error.message.slice(0, 200)})` });
  });
  return {
    retire(last = false) {
      if (!done) stop();
      hangUp(last ? 1000 : KEEP);
    },
  };
}

/** Any code but 1000 and 1001 keeps the session. */
const KEEP = 4200;
/** After these a RESUME is refused. */
const FORGET = new Set([1000, 4007]);
