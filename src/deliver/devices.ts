import type { Place } from '../chat/command.ts';
import type { Config } from '../config/schema.ts';
import type { Person } from '../people.ts';
import type { Queries } from '../store/db.ts';
import { directTo, isChat } from './destination.ts';

/** A device of a person, and how it is called when they are told there. */
export interface Device {
  place: Place;
  by: string;
}

export const terminal = (channel: string): Place => ({ platform: 'terminal', channel, zone: 'UTC' });

/** Terminals that stay: the channel of one command from a shell ends with it. */
export const STAYS = /^terminal:/;
/** Somebody who sat at five terminals is told at those where they typed last. */
const MOST = 3;

/**
 * Where a person is told something: each of their chat accounts as a direct message, the terminals where they typed last, and the one
 * where it was asked. With none of these, the bound channel where it was asked, so that those in it can fetch them.
 */
export async function devicesOf(
  db: Queries,
  world: { config(): Pick<Config, 'slack' | 'discord'>; people(): readonly Person[] },
  name: string,
  asked: Place | undefined,
): Promise<Device[]> {
  const config = world.config();
  const person = world.people().find((one) => one.name === name);
  const chats = (['slack', 'discord'] as const).flatMap((platform): Device[] => {
    const user = config[platform] && person?.[platform];
    return user ? [{ place: { platform, channel: directTo(user), user, alone: true, zone: person.zone }, by: 'dm' }] : [];
  });
  const own = await db.query<{ place: Place }>(
    `select place from (select distinct on (place ->> 'channel') place, id from inbox
       where actor = $1 and platform = 'terminal' and starts_with(place ->> 'channel', 'terminal:') order by place ->> 'channel', id desc) as typed
     order by id desc limit ${MOST}`,
    [name],
  );
  const terminals = [...own.map(({ place }) => place), ...(asked ? [asked] : [])]
    .filter(({ platform, channel }) => platform === 'terminal' && STAYS.test(channel))
    .filter((place, n, all) => all.findIndex(({ channel }) => channel === place.channel) === n)
    .map((place): Device => ({ place, by: 'terminal' }));
  const devices = [...chats, ...terminals];
  if (devices.length > 0 || !asked || !isChat(asked.platform) || asked.alone) return devices;
  return [{ place: asked, by: 'channel' }];
}
