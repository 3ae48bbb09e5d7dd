import { AsyncResource } from 'node:async_hooks';
import { defaultsOf } from '../config/defaults.ts';
import { sshLimits } from '../config/ssh-limits.ts';
import { openBanners } from '../fleet/ssh/banner.ts';
import type { Log } from '../ops.ts';
import type { StartOptions } from '../start-options.ts';
import { armTimer, type TimerHandler } from '../store/timers.ts';
import { type DownWorld, lookAtHosts } from './look.ts';
import { looksFrom } from './place.ts';

/** Looks from this place at every host, one process at a time: whichever has the timer of the place. */
export interface Down {
  timers: Record<string, TimerHandler>;
  /** Once the timers run. */
  begin(): Promise<void>;
  busy(): boolean;
}

/** Domain ms after which a place nobody looks from any more has no timer: longer than a place is ever cut off from the database and comes back by itself. */
const FORGOTTEN = 7 * 86_400_000;

/** Does nothing in a process that does not stay, or where it is switched off. What has to be closed again is put on `closing`. */
export function openDown(world: Omit<DownWorld, 'look' | 'place'> & { log: Log }, options: StartOptions, closing: (() => unknown)[]): Down {
  const config = world.config();
  const { place, on } = looksFrom(options, config);
  if (!on) return { timers: {}, begin: async () => {}, busy: () => false };
  const { db, clock, log } = world;
  const banners = openBanners(sshLimits(config, world.fleet, options.login));
  // Its own kind for each place: processes elsewhere leave it alone.
  const kind = `down:${place}`;
  let looking: Promise<void> | undefined;
  let closed = false;
  closing.push(async () => {
    closed = true;
    banners.close();
    await looking;
  });
  // In the context of the start, not of the transaction in which the timer is handled.
  const look = AsyncResource.bind(
    (): Promise<void> =>
      lookAtHosts({ ...world, place, look: banners.look })
        .catch((error: unknown) => {
          if (!closed) log.warn({ err: error }, 'the hosts could not be looked at; it is tried again');
        })
        .finally(() => {
          looking = undefined;
        }),
  );
  return {
    timers: {
      [kind]: async (tx) => {
        const now = clock.now();
        // The look itself is no part of a transaction. One that takes longer than the time between two is not joined by a second.
        if (!closed) looking ??= look();
        await tx.query(`delete from timers where starts_with(kind, 'down:') and due < $1`, [new Date(now - FORGOTTEN)]);
        return now + defaultsOf(world.config())['down.every'];
      },
    },
    begin: () => db.tx((tx) => armTimer(tx, { kind, ref: 'look', due: clock.now() })),
    busy: () => looking !== undefined,
  };
}
