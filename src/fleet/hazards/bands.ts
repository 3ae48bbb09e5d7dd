import { sayDuration } from '../../lib/duration.ts';
import type { Facts } from '../host.ts';
import { compareVersions } from '../target/versions.ts';
import { type Hazard, numberFact, type Said, textFact } from './hazard.ts';

/** A count that runs over at a known uptime, on known kernels or processors only. */
export interface Band {
  name: string;
  /** Days, as exact as known. */
  days: number;
  warnFrom: number;
  /** What runs over. */
  what: string;
  /** From (included) until (not included); absent = every kernel. */
  kernels?: { from: string; until: string }[];
  /** Kernels of a vendor that numbers its own fixes: where `match` fits, only these ranges count. */
  vendors?: { match: RegExp; kernels: { from: string; until: string }[] }[];
  cpu?: RegExp;
  source: string;
}

/**
 * Other known wraps (24.86 d of 2^31 ms, 49.71 d of 2^32 ms) have no kernel range known to us, and a
 * band without one would cry on every host; a site that knows better writes `hazards: … when: uptime > 24d and kernel < …`.
 */
export const BANDS: readonly Band[] = [
  {
    name: 'uptime-208',
    days: 208.49998,
    warnFrom: 205,
    what: 'sched_clock passes 2^54 ns',
    kernels: [
      { from: '2.6.28', until: '2.6.32.50' },
      { from: '2.6.33', until: '3.0.13' },
      { from: '3.1', until: '3.1.5' },
    ],
    // RHEL 6 stays at 2.6.32 and counts its own builds; fixed in 2.6.32-220.4.2.
    vendors: [{ match: /\.el6/, kernels: [{ from: '2.6.32', until: '2.6.32-220.4.2' }] }],
    source: 'fixed in 2.6.32.50, 3.0.13, 3.1.5; RHBA-2012:0124',
  },
  {
    name: 'uptime-248',
    days: 248.55,
    warnFrom: 243,
    what: 'jiffies at 100 Hz pass 2^31',
    kernels: [{ from: '2.0', until: '2.6' }],
    source: '32-bit jiffies before 2.6',
  },
  {
    name: 'uptime-497',
    days: 497.1,
    warnFrom: 490,
    what: 'jiffies at 100 Hz pass 2^32',
    kernels: [{ from: '2.0', until: '2.6' }],
    source: '32-bit jiffies before 2.6',
  },
  {
    name: 'uptime-1044',
    days: 1044,
    warnFrom: 1020,
    what: 'a core of this processor may not wake from CC6',
    // 7xx2 is the second generation, Rome: 7742, 7F72, 7H12
    cpu: /\bEPYC 7[0-9FH]\d2\b/,
    source: 'AMD erratum 1474',
  },
];

export const bandHazards: readonly Hazard[] = BANDS.map((band) => ({
  name: band.name,
  severity: 'critical',
  about: `${band.what} at ${band.days.toFixed(1)} d (${band.source})`,
  look: (facts) => judgeBand(band, facts),
}));

function judgeBand(band: Band, facts: Facts): Said | undefined {
  const uptime = numberFact(facts, 'uptime');
  // A container's uptime is not that of the kernel under it.
  if (uptime === undefined || uptime < band.warnFrom * DAY || facts.container !== undefined || !applies(band, facts)) return undefined;
  const affected = band.cpu ? 'an affected processor' : 'an affected kernel';
  const at = `${band.days.toFixed(1).replace(/\.0$/, '')} d`;
  const left = band.days * DAY - uptime;
  if (left <= 0) return { text: `past ${at} on ${affected} (up ${sayDuration(uptime * 1000)}): ${band.what}; reboot it` };
  const booted = typeof facts.booted === 'string' ? Date.parse(facts.booted) : Number.NaN;
  return {
    severity: 'warning',
    text: `${sayDuration(left * 1000)} left to ${at} on ${affected} (up ${sayDuration(uptime * 1000)}): ${band.what}; reboot it before`,
    ...(!Number.isNaN(booted) && { due: new Date(booted + band.days * DAY * 1000).toISOString() }),
  };
}

/** Seconds. */
const DAY = 86_400;

function applies(band: Band, facts: Facts): boolean {
  if (band.cpu) {
    // A guest's hypervisor schedules the sleep states, not the guest.
    return facts.virt === 'none' && band.cpu.test(textFact(facts, 'cpu') ?? '');
  }
  const kernel = textFact(facts, 'kernel');
  if (!kernel) return false;
  const ranges = band.vendors?.find(({ match }) => match.test(kernel))?.kernels ?? band.kernels;
  return ranges === undefined || ranges.some(({ from, until }) => order(kernel, from) >= 0 && order(kernel, until) < 0);
}

const order = (a: string, b: string): number => compareVersions(a, b) ?? Number.NaN;
