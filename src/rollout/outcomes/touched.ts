import type { Facts } from '../../fleet/host.ts';
import type { HostOutcome } from '../../jobs.ts';

/** A host of a run, with what was known of it before: facts, and inventory variables among them. */
export interface TouchedHost {
  host: string;
  outcome: HostOutcome | 'skipped';
  facts: Facts;
  site?: string;
}

/** To which something was done, and it was not well after it. */
export const isBad = (outcome: TouchedHost['outcome']): boolean => outcome === 'lost' || outcome === 'failed';
