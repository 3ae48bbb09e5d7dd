import type { Connections } from '../deliver/connections.ts';
import type { Messengers } from '../deliver/messengers.ts';
import type { Ops } from '../ops.ts';
import type { Db } from '../store/db.ts';
import { bindingsIn } from './bindings.ts';
import { watchOwnChannels } from './own-channels.ts';
import type { ChatRoom, ChatWorld } from './room.ts';
import { suggester } from './suggest.ts';
import { whoIn } from './who.ts';

/** What of this process outlives a single room. */
export interface Runtime {
  connections: Connections;
  messengers: Messengers;
  /** Ends the process in order, for its supervisor. */
  giveUp(why: string): void;
}

/**
 * Connects to the chat platforms that are configured; their libraries are loaded only then. A platform that cannot be reached now is
 * its room's to reconnect; one that refuses what is configured is said, and the rest starts without it. Returns how to close them.
 */
export async function openChats(world: Runtime & { ops: Ops; db: Pick<Db, 'query' | 'listen'>; take: ChatWorld['take'] }): Promise<() => Promise<void>> {
  const { ops, connections, messengers } = world;
  const who = whoIn(ops);
  const own = await watchOwnChannels(world.db, ops.log);
  const chat: ChatWorld = {
    config: ops.config,
    log: ops.log,
    now: ops.clock.now,
    commands: ops.commands,
    take: world.take,
    actorOf: who.actorOf,
    zoneOf: who.zoneOf,
    isPublic: bindingsIn(ops.config, own).isPublic,
    suggest: suggester(ops),
    db: world.db,
    connections,
    giveUp: world.giveUp,
  };
  const rooms: ChatRoom[] = [];
  const close = async (): Promise<void> => {
    await Promise.allSettled([...rooms.splice(0).map((room) => room.close()), own.close()]);
  };
  try {
    const { slack, discord } = ops.config();
    if (slack) rooms.push(await (await import('./slack/open.ts')).openSlack(chat));
    if (discord) rooms.push(await (await import('./discord/open.ts')).openDiscord(chat));
  } catch (error) {
    await close();
    throw error;
  }
  const gone = rooms.map((room) => messengers.add(room.messenger));
  return async () => {
    for (const one of gone) one();
    await close();
  };
}
