import type { HostState } from '../fleet/host.ts';
import type { HostResult } from '../jobs.ts';
import { beginReading } from '../reading/begin.ts';
import type { HostEnd } from '../runs/world.ts';
import type { Tx } from '../store/db.ts';
import type { TimerHandler } from '../store/timers.ts';
import { askAboutAuthorities } from './authority-changed.ts';
import { withCertificates } from './heard.ts';
import { endRenewed } from './notices.ts';
import { armCertificateWatch, type WatchWorld, watchCertificates } from './watch.ts';

/** What the other parts of a process need of certificates: timers, and what is wrong with those of hosts that were heard of. */
export interface Certificates {
  timers: Record<string, TimerHandler>;
  /** A rotation is through with a host: its certificates are looked at again, so that what was renewed asks nobody any more. */
  hostEnded(tx: Tx, end: Pick<HostEnd, 'job' | 'host' | 'at'>): Promise<void>;
  alsoWrong(tx: Tx, results: readonly HostResult[], known: ReadonlyMap<string, HostState>): Promise<HostResult[]>;
}

export function openCertificates(world: WatchWorld): Certificates {
  return {
    timers: watchCertificates(world),
    async hostEnded(tx, { job: name, host: named, at }) {
      const [job, host] = [world.job(), world.fleet().hosts.get(named)];
      if (name === ROTATION && job && host) await beginReading(tx, { at }, job, {}, { expression: named, hosts: [host] });
    },
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

/** The job in jobs/rotate-certs.ts. */
const ROTATION = 'rotate certs';
