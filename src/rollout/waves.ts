import type { Pace } from '../jobs.ts';
import { PRECIOUS, type Precious } from './order.ts';

/** A host as waves are filled with it. */
export interface Waiting {
  precious: Precious;
  claims: readonly string[];
}

/** How many go in the nth wave of a ring of so many hosts, from 0. What is typed goes before the pace, but the first stay small. */
export function waveSize(pace: Pick<Pace, 'first' | 'hosts' | 'share'>, hosts: number, batch?: number): (nth: number) => number {
  const share = pace.share === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor((hosts * pace.share) / 100));
  const later = batch ?? Math.min(pace.hosts ?? Number.POSITIVE_INFINITY, share);
  return (nth) => Math.min(pace.first[nth] ?? later, batch ?? Number.POSITIVE_INFINITY);
}

/**
 * The waves of one ring. Each fits every limit by itself; it is filled from the sites that have most left, so that none is left over
 * to go alone, and begins with more precious hosts only when the less precious are all placed. The alert path goes in waves of its own.
 */
export function wavesOf<Host extends Waiting>(hosts: readonly Host[], size: (nth: number) => number, limit: (budget: string) => number): Host[][] {
  const board = boardOf(limit);
  const placed = hosts.map((host) => place(host, board));
  const waves: Host[][] = [];
  for (const level of PRECIOUS) {
    const lanes = lanesOf(placed.filter(({ host }) => host.precious === level));
    let left = lanes.reduce((sum, { queue }) => sum + queue.length, 0);
    // The last wave of the level before may have room.
    const begun = level === 'alert path' ? undefined : waves.at(-1);
    if (begun && left > 0) left -= fill(begun, lanes, size(waves.length - 1), board);
    while (left > 0) {
      board.clear();
      const wave: Host[] = [];
      waves.push(wave);
      left -= fill(wave, lanes, size(waves.length - 1), board);
    }
  }
  return waves;
}

/** Hosts of one site, the next one last. `from` = those behind it were found not to fit into this wave. */
interface Lane<Host> {
  site: number;
  queue: Placed<Host>[];
  from: number;
}

/** Budgets as numbers: 5,000 hosts are looked at some thousand times each where everything stands in each other's way. */
interface Placed<Host> {
  host: Host;
  site: number;
  claims: number[];
}

interface Board {
  /** Number of a budget; -1 = none. */
  code(budget: string | undefined): number;
  /** Taken in the wave that is being filled. */
  used: number[];
  most: number[];
  clear(): void;
}

function boardOf(limit: (budget: string) => number): Board {
  const codes = new Map<string, number>();
  const used: number[] = [];
  const most: number[] = [];
  return {
    used,
    most,
    clear: () => void used.fill(0),
    code(budget) {
      if (budget === undefined) return -1;
      let code = codes.get(budget);
      if (code === undefined) {
        code = codes.size;
        codes.set(budget, code);
        used.push(0);
        most.push(limit(budget));
      }
      return code;
    },
  };
}

// The budget of the run itself is the size of the wave.
const place = <Host extends Waiting>(host: Host, board: Board): Placed<Host> => ({
  host,
  site: board.code(host.claims.find((claim) => claim.startsWith('site:'))),
  claims: host.claims.filter((claim) => !claim.startsWith('run:')).map((claim) => board.code(claim)),
});

function lanesOf<Host>(placed: readonly Placed<Host>[]): Lane<Host>[] {
  const lanes = new Map<number, Lane<Host>>();
  for (const one of placed) {
    let lane = lanes.get(one.site);
    if (!lane) {
      lane = { site: one.site, queue: [], from: 0 };
      lanes.set(one.site, lane);
    }
    lane.queue.push(one);
  }
  // Turned round, so that taking one near the front moves few.
  for (const { queue } of lanes.values()) queue.reverse();
  return [...lanes.values()];
}

/** Adds to the wave what fits; how many. */
function fill<Host>(wave: Host[], lanes: readonly Lane<Host>[], size: number, board: Board): number {
  for (const lane of lanes) lane.from = lane.queue.length - 1;
  let taken = 0;
  while (wave.length < size) {
    let longest: Lane<Host> | undefined;
    for (const lane of lanes) if (lane.from >= 0 && (!longest || lane.queue.length > longest.queue.length)) longest = lane;
    if (!longest) break;
    const one = take(longest, board);
    if (!one) continue;
    for (const claim of one.claims) (board.used[claim] as number)++;
    wave.push(one.host);
    taken++;
  }
  return taken;
}

function take<Host>(lane: Lane<Host>, { used, most }: Board): Placed<Host> | undefined {
  const full = (claim: number): boolean => (used[claim] as number) >= (most[claim] as number);
  if (lane.site >= 0 && full(lane.site)) lane.from = -1;
  for (; lane.from >= 0; lane.from--) {
    const one = lane.queue[lane.from] as Placed<Host>;
    if (one.claims.some(full)) continue;
    lane.queue.splice(lane.from--, 1);
    return one;
  }
  return undefined;
}
