import type { Facts } from '../fleet/host.ts';
import { guestsBack } from './differences/guests.ts';
import { firewall, listeners, probes, routes } from './differences/network.ts';
import { crashes, kernel, kernelLog, lessOfIt, liveAgain, notSeen, raid, timeSync, units } from './differences/own.ts';
import { mounts, readonlyMounts } from './differences/storage.ts';
import type { Difference } from './shapes.ts';

/** What the job did to the host on purpose, as it stands in its memory. Keys of others are ignored. */
export interface CompareHints {
  /** What `uname -r` should say now. */
  expectedKernel?: unknown;
  /** Names of guests that are elsewhere now and should be. */
  guestsAway?: unknown;
}

/**
 * What differs on a host after a change, the grave first. Only what was seen before and is seen now is compared: an absent
 * fact is absent. Each `what` reads after "back, but ".
 */
export function compareWithBaseline(before: Facts, after: Facts, hints: CompareHints = {}): Difference[] {
  const found = COMPARISONS.flatMap(({ look, grave, mayPass }) =>
    look(before, after, hints).map((said): Difference => {
      const { what, grave: own = grave } = typeof said === 'string' ? { what: said } : said;
      return { what, grave: own, ...(own && mayPass && { mayPass }) };
    }),
  );
  return [...found.filter(({ grave }) => grave), ...found.filter(({ grave }) => !grave)];
}

/** One thing that is compared. `mayPass`: services come up after the host; look again for some minutes before it counts. */
export interface Comparison {
  about: string;
  grave: boolean;
  mayPass?: true;
  look(before: Facts, after: Facts, hints: CompareHints): readonly (string | { what: string; grave: boolean })[];
}

/** In the order in which they are said. @public */
export const COMPARISONS: readonly Comparison[] = [
  kernel,
  crashes,
  kernelLog,
  raid,
  units,
  firewall,
  routes,
  mounts,
  readonlyMounts,
  listeners,
  probes,
  guestsBack,
  lessOfIt,
  timeSync,
  liveAgain,
  notSeen,
];
