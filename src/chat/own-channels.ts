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

/** Channels that were made for one thing each: what is asked there is answered for everybody there. Asked before there is time to ask the database. */
export interface OwnChannels {
  has(platform: string, channel: string): boolean;
  close(): Promise<void>;
}

export async function watchOwnChannels(db: Pick<Db, 'query' | 'listen'>, log: Log): Promise<OwnChannels> {
  let known = new Set<string>();
  const look = async (): Promise<void> => {
    const rows = await db.query<{ platform: string; opened: string }>(`select platform, opened from cards where opened is not null`);
    known = new Set(rows.map(({ platform, opened }) => `${platform} ${opened}`));
  };
  const unlisten = await db.listen('shown', (payload) => {
    if (payload !== '' && payload !== 'channel') return;
    look().catch((error: unknown) => log.warn({ err: error }, 'which channels were made for incidents could not be looked up'));
  });
  await look();
  return { has: (platform, channel) => known.has(`${platform} ${channel}`), close: unlisten };
}
