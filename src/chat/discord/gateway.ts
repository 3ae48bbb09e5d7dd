import type { SessionInfo } from '@discordjs/ws';
import type { Connections } from '../../deliver/connections.ts';
import type { Log } from '../../ops.ts';
import { type Connection, type Over, openConnection } from './connection.ts';
import type { Patience } from './patience.ts';
import type { Rest } from './rest.ts';

export interface Gateway {
  /** Resolves when the first session is there; at the latest after `patience.start`. */
  started: Promise<undefined>;
  close(): Promise<void>;
}

/**
 * Keeps one connection to Discord's Gateway alive: each end is answered with another socket, at once and then ever more slowly, which
 * takes the session up again where Discord allows it. What cannot be mended by connecting again is given up.
 */
export function openGateway(world: {
  rest: Rest;
  token: string;
  intents: number;
  patience: Patience;
  log: Log;
  connections: Connections;
  /** `fresh`: a session of its own; what happened before it is not told again. */
  ready(fresh: boolean, data?: { user: { id: string }; application: { id: string } }): void;
  heard(event: { t: string; d: unknown }): void;
  giveUp(why: string): void;
}): Gateway {
  const { patience, log } = world;
  let current: Connection | undefined;
  let session: SessionInfo | undefined;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let identified = 0;
  let start: () => void = () => undefined;
  const started = new Promise<undefined>((resolve) => {
    start = () => resolve(undefined);
  });
  const patient = setTimeout(start, patience.start);

  const report = (ok: boolean, says: string): void => world.connections.report({ name: 'discord gateway', platform: 'discord', ok, says });
  /** One IDENTIFY in 5 s, over all sockets of this process. */
  const mayIdentify = async (signal: AbortSignal): Promise<void> => {
    const wait = identified + patience.identify - Date.now();
    identified = Math.max(Date.now(), identified + patience.identify);
    if (wait <= 0) return;
    await new Promise<void>((resolve, reject) => {
      const turn = setTimeout(resolve, wait);
      signal.addEventListener('abort', () => {
        clearTimeout(turn);
        reject(new Error('it was closed'));
      });
    });
  };
  const connect = (): void => {
    current = openConnection({
      ...world,
      session,
      mayIdentify,
      kept(info) {
        session = info;
      },
      ready(resumed, data) {
        failures = 0;
        report(true, resumed ? 'connected; the session was taken up again' : 'connected');
        clearTimeout(patient);
        start();
        world.ready(!resumed, data);
      },
      over,
    });
  };
  const over = (why: Over): void => {
    if (closed) return;
    current = undefined;
    if (why.forget) session = undefined;
    const refused = why.code === undefined ? undefined : FATAL[why.code];
    if (refused) {
      world.giveUp(refused);
      return;
    }
    failures += 1;
    const wait = failures === 1 ? 0 : Math.min(patience.longest, patience.again * 2 ** (failures - 2)) * (0.75 + Math.random() / 2);
    report(false, `${why.says}; connecting again${session ? ' where it was' : ''}`);
    log.warn({ wait: Math.round(wait), again: failures }, `the connection to Discord ended: ${why.says}`);
    timer = setTimeout(connect, wait);
  };
  connect();
  return {
    started,
    async close() {
      closed = true;
      clearTimeout(timer);
      clearTimeout(patient);
      current?.retire(true);
      report(false, 'closed');
    },
  };
}

/** Close codes that no connecting again mends, and what to do. */
const FATAL: Record<number, string> = {
  4004: 'Discord does not take the token of the bot (4004): it was reset or taken back. Put the new one into holdfast.yaml (discord.token).',
  4010: 'Discord refuses the shard (4010). This is a fault of ours: report it.',
  4011: 'The bot is on too many servers for one connection (4011). Holdfast is made for one.',
  4012: 'Discord does not speak version 10 of its API any more (4012): install a newer Holdfast.',
  4013: 'Discord does not know one of the intents (4013). This is a fault of ours: report it.',
  4014: 'Discord refuses an intent (4014). Holdfast needs no privileged one: look whether the bot is suspended (Developer Portal).',
};
