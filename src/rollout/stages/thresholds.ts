import { askToContinue, sayCanary, sayHeld, sayThreshold } from '../halt.ts';
import type { Deciding, Ruling, Stage } from './stage.ts';
import { open } from './stage.ts';

/** The first host, and the first of each ring, decides for all others. */
export const canary: Stage = {
  name: 'canary',
  look(at) {
    const { run } = at;
    const { pace, containment, rings } = run.plan;
    if (pace.first.length === 0 || run.wave !== rings[at.ring]?.firstWave) return undefined;
    const ill = run.hosts.filter(({ wave, outcome }) => wave === run.wave && outcome && !WELL.has(outcome) && open(run, outcome as 'lost') > 0);
    if (ill.length === 0) return undefined;
    const because = sayCanary(ill);
    const lost = ill.some(({ outcome }) => outcome === 'lost');
    return halt(
      'canary',
      because,
      ill.map(({ host }) => host),
      containment && !lost ? `${because}: it proves nothing; continue?` : undefined,
    );
  },
};

const WELL: ReadonlySet<string> = new Set(['ok', 'already', 'skipped']);

export const lost: Stage = {
  name: 'lost',
  look(at) {
    const { run } = at;
    const count = open(run, 'lost');
    // A hold on updates goes everywhere even while hosts die of something else.
    if (count < run.plan.thresholds.lost || (run.plan.containment && run.plan.risk === 'change')) return undefined;
    const because = sayThreshold(run, 'lost', count);
    return halt('lost', because, having(at, 'lost'), run.plan.containment ? askToContinue(run, at.world) : undefined);
  },
};

export const failed = counted('failed');
export const unverified = counted('unverified');

/** Half-prepared: finish, move back or leave is for a person to say. */
export const held: Stage = {
  name: 'held',
  look(at) {
    if (open(at.run, 'held') <= 0) return undefined;
    const hosts = having(at, 'held');
    return halt('held', sayHeld(hosts), hosts);
  },
};

/** Hosts of a containment run die, and fail, anyway. */
function counted(outcome: 'failed' | 'unverified'): Stage {
  return {
    name: outcome,
    look(at) {
      const { run } = at;
      const count = open(run, outcome);
      if (run.plan.containment || count < run.plan.thresholds[outcome]) return undefined;
      return halt(outcome, sayThreshold(run, outcome, count), having(at, outcome));
    },
  };
}

const having = ({ run }: Deciding, wanted: string): string[] => run.hosts.filter(({ outcome }) => outcome === wanted).map(({ host }) => host);

function halt(reason: 'canary' | 'lost' | 'failed' | 'unverified' | 'held', because: string, hosts: string[], ask?: string): Ruling {
  const waiting = { for: 'person' as const, because: ask ?? because };
  return { state: 'halted', because, waiting, halt: { reason, because, hosts, ...(ask !== undefined && { ask }) } };
}
