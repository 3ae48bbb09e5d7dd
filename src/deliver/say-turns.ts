import type { Config } from '../config/schema.ts';
import type { Log } from '../ops.ts';
import type { Db } from '../store/db.ts';
import type { Connection, Connections } from './connections.ts';
import { channelsFor } from './news.ts';
import type { Tell } from './tell.ts';

/** Wall ms a connection has to come back by itself before people are told: platforms close theirs now and then, and they are made again. */
const PATIENCE = 30_000;

export interface SaysTurns {
  /** Says why this process ends, where it can still be said. */
  last(why: string): Promise<void>;
  close(): void;
}

/**
 * A connection that is gone is said: at once in the log, and when it does not come back on the home channel of every other platform,
 * where its return is said too.
 */
export function sayTurns(world: { db: Db; log: Log; connections: Connections; config(): Config; tell: Tell; now(): number }): SaysTurns {
  const { db, log, connections, config, tell, now } = world;
  const waiting = new Map<string, NodeJS.Timeout>();
  const told = new Set<string>();
  const say = (platform: string | undefined, key: string, title: string, tone: 'bad' | 'good'): Promise<void> =>
    db.tx(async (tx) => {
      const places = channelsFor(config(), 'incident').filter((place) => place.platform !== platform);
      for (const place of places)
        await tell.tell(tx, { key: `${key} @${place.platform} ${place.channel}`, to: { place }, card: { title: title.slice(0, 300), tone }, at: now() });
    });
  const sayOf = (connection: Connection): void => {
    const { name, platform, ok, since, says } = connection;
    const title = ok ? `${name} is back: ${says}` : `${name} is gone since ${new Date(since).toISOString()}: ${says}`;
    say(platform, `connection ${name} ${ok} ${since}`, title, ok ? 'good' : 'bad').catch((error: unknown) =>
      log.error({ err: error, name }, 'that a connection turned could not be told'),
    );
  };
  const stop = connections.onTurn((connection) => {
    const { name, platform, ok, says } = connection;
    if (ok) log.info({ name, platform, says }, 'a connection is back');
    else log.warn({ name, platform, says }, 'a connection is gone');
    clearTimeout(waiting.get(name));
    waiting.delete(name);
    if (!ok) {
      const timer = setTimeout(() => {
        waiting.delete(name);
        told.add(name);
        sayOf(connection);
      }, PATIENCE).unref();
      waiting.set(name, timer);
    } else if (told.delete(name)) sayOf(connection);
  });
  return {
    last: (why) => say(undefined, `gave up ${Date.now()}`, `Holdfast ends, for its supervisor to start it again: ${why}`, 'bad'),
    close() {
      stop();
      for (const timer of waiting.values()) clearTimeout(timer);
    },
  };
}
