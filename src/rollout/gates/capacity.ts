import type { Gate } from '../stages/stage.ts';

/** Nothing tells us when memory was looked at anew elsewhere. */
const LOOK_AGAIN = 15 * 60_000;

/** Before a host is drained, the others must have room for its guests, less what drains in flight have claimed. */
export const capacity: Gate = {
  name: 'capacity',
  look({ host, needsMb }, { world, now, taken }) {
    if (!needsMb) return undefined;
    const pool = world.poolOf[host];
    const free = pool === undefined ? undefined : world.freeMb[pool];
    const until = now + LOOK_AGAIN;
    if (pool === undefined || free === undefined) {
      return {
        for: 'capacity',
        because: `nobody knows how much memory is free for its guests${pool ? ` in ${pool}: check @${pool}` : ': it is in no pool'}`,
        until,
      };
    }
    const room = free - (world.ownFreeMb?.[host] ?? 0) - taken.mb(pool);
    if (room >= needsMb) return undefined;
    return {
      for: 'capacity',
      because: `its guests need ${gb(needsMb)}, and the others of ${pool} have ${gb(Math.max(0, room))} free that no drain has claimed`,
      until,
    };
  },
};

const gb = (mb: number): string => (mb < 1024 ? `${mb} MB` : `${Math.round((mb / 1024) * 10) / 10} GB`);
