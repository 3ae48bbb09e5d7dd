import type { Config } from '../config/schema.ts';
import type { Clock } from '../lib/clocks.ts';
import type { Log } from '../ops.ts';
import type { Person } from '../people.ts';
import type { Db } from '../store/db.ts';
import type { Paging } from './attempt.ts';
import { type Attempts, runAttempts } from './attempts.ts';
import { openChannels } from './channels/open.ts';
import type { Connections } from './connections.ts';
import { openGate } from './gate.ts';
import { openLinks } from './links.ts';
import type { Messengers } from './messengers.ts';
import type { Tried } from './send-attempt.ts';

/** What sending pages stands on; main.ts puts it together. */
export interface PagesOutWorld {
  db: Db;
  log: Log;
  clock: Clock;
  config(): Config;
  people(): readonly Person[];
  connections: Connections;
  messengers: Messengers;
  paging: Paging;
  /** Names this process. */
  holder: string;
  /** The sandbox's own terminal. */
  home?: string;
  tried?(tried: Tried, took: number): void;
}

/** Sends pages from this process, by every channel it can. */
export async function sendPages(world: PagesOutWorld): Promise<Attempts> {
  const { clock, config, messengers } = world;
  const links = await openLinks(world.db);
  const attempts = await runAttempts({
    ...world,
    now: clock.now,
    channels: openChannels({ ...world, now: clock.now }),
    gate: openGate(world.connections),
    async link({ id }) {
      const token = links.token(id);
      // An address on this machine's own loopback is none for a telephone.
      const { url } = config().listen.private;
      return { token, ...(url !== undefined && { link: `${url}/ack/${token}` }) };
    },
  });
  const forget = messengers.onAdded(attempts.wake);
  return {
    ...attempts,
    async close() {
      forget();
      await attempts.close();
    },
  };
}
