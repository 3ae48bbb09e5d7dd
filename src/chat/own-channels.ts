import { isChat } from '../deliver/destination.ts';
import type { Log } from '../ops.ts';
import type { Db, Queries } from '../store/db.ts';
import type { Place } from './command.ts';

/** The thing that has this channel for itself, and the channel of the configuration it was made beside. */
export async function ownedBy(
  db: Queries,
  { platform, channel }: Pick<Place, 'platform' | 'channel'>,
): Promise<{ kind: string; id: string; beside: string } | undefined> {
  if (!isChat(platform)) return undefined;
  const [found] = await db.query<{ kind: string; id: string; beside: string }>(
    `select thing_kind as kind, thing_id as id, channel as beside from cards where platform = $1 and opened = $2 limit 1`,
    [platform, channel],
  );
  return found;
}

/** Channels that were made for things which are going on: as long as they are, their cards are pinned. */
export async function ownedNow(db: Queries, platform: 'slack' | 'discord'): Promise<string[]> {
  const rows = await db.query<{ opened: string }>(`select distinct opened from cards where platform = $1 and opened is not null and pin`, [platform]);
  return rows.map(({ opened }) => opened);
}

/** Channels that were made for one thing each: what is asked there is answered for everybody there. Asked before there is time to ask the database. */
export interface OwnChannels {
  has(platform: string, channel: string): boolean;
  close(): Promise<void>;
}

/** Wall ms until a look is tried again that failed. */
const AGAIN = 1_000;

export async function watchOwnChannels(db: Pick<Db, 'query' | 'listen'>, log: Log): Promise<OwnChannels> {
  let known = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const look = async (): Promise<void> => {
    const rows = await db.query<{ platform: string; opened: string }>(`select platform, opened from cards where opened is not null`);
    known = new Set(rows.map(({ platform, opened }) => `${platform} ${opened}`));
  };
  const lookAgain = (): void => {
    clearTimeout(timer);
    look().catch((error: unknown) => {
      if (closed) return;
      log.warn({ err: error }, 'which channels were made for incidents could not be looked up; it is tried again');
      timer = setTimeout(lookAgain, AGAIN).unref();
    });
  };
  const unlisten = await db.listen('shown', (payload) => {
    if (payload === '' || payload === 'channel') lookAgain();
  });
  await look();
  return {
    has: (platform, channel) => known.has(`${platform} ${channel}`),
    async close() {
      closed = true;
      clearTimeout(timer);
      await unlisten();
    },
  };
}
