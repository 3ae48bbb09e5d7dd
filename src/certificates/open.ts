import type { HostState } from '../fleet/host.ts';
import type { HostResult } from '../jobs.ts';
import type { Tx } from '../store/db.ts';
import type { TimerHandler } from '../store/timers.ts';
import { askAboutAuthorities } from './authority-changed.ts';
import { withCertificates } from './heard.ts';
import { endRenewed } from './notices.ts';
import { armCertificateWatch, type WatchWorld, watchCertificates } from './watch.ts';

/** What the other parts of a process need of certificates: timers, and what is wrong with those of hosts that were heard of. */
export interface Certificates {
  timers: Record<string, TimerHandler>;
  alsoWrong(tx: Tx, results: readonly HostResult[], known: ReadonlyMap<string, HostState>): Promise<HostResult[]>;
}

export function openCertificates(world: WatchWorld): Certificates {
  return {
    timers: watchCertificates(world),
    async alsoWrong(tx, results, known) {
      const now = world.clock.now();
      const also = await withCertificates(tx, results, known, now);
      if (!results.some(({ certificates }) => certificates)) return also;
      await armCertificateWatch(tx, now, world.config().timezone);
      await askAboutAuthorities(tx, world, now);
      await endRenewed(tx, now);
      return also;
    },
  };
}
