import type { HostOutcome } from '../../../src/jobs.ts';
import type { PlannedRing, RunState } from '../../../src/rollout/shapes.ts';
import type { SimHost, SimPlan } from './fleet.ts';

/** Thrown at the first thing that must not be. */
export class Violation extends Error {
  override name = 'Violation';
  readonly check: string;
  constructor(check: string, text: string) {
    super(`${check}: ${text}`);
    this.check = check;
  }
}

export function expectThat(holds: boolean, check: string, text: () => string): void {
  if (!holds) throw new Violation(check, text());
}

/** What is true around the runs, from the simulation itself. */
export interface Circumstances {
  now(): number;
  stopped(): boolean;
  /** Open incidents on hosts of the run that nobody said `go` to. */
  incidents(run: string): number;
  excluded(host: string): boolean;
  /** Somebody looked how much memory is free. */
  memoryKnown(): boolean;
}

/** What the oracle has seen happen. */
export interface Books {
  world: Circumstances;
  fleet: readonly SimHost[];
  runs: Map<string, RunBook>;
  /** Budget → `R1 web01`. */
  held: Map<string, Set<string>>;
}

export interface HostBook {
  host: SimHost;
  wave: number;
  state: 'waiting' | 'going' | 'ended';
  started?: number;
  finished?: number;
  outcome?: HostOutcome;
  /** Somebody found out how it is. */
  found: boolean;
  /** Intents by which it was disrupted. */
  acted: Set<string>;
}

export interface RunBook {
  sim: SimPlan;
  hosts: Map<string, HostBook>;
  state: RunState;
  /** Since a person said `go`. */
  ill: Record<'failed' | 'lost' | 'unverified' | 'held', number>;
  canaryIll: HostOutcome | undefined;
  approvals: Map<number, { hash: string; at: number; notBefore: number }>;
  hash: string;
  asked: number;
  askedAgain: boolean;
  begun: boolean;
  /** One of its hosts did well, or a person has said `go`. */
  proven: boolean;
  anyOutcome: boolean;
  /** When a person said `go` last. */
  wentOn: number;
  atOnce: number;
  said: Set<string>;
}

/** Why the run has to stand still until a person says `go`. */
export function mustHalt({ sim: { plan }, ill, canaryIll }: RunBook): string | undefined {
  if (ill.held > 0) return `${ill.held} held`;
  if (plan.pace.first.length > 0 && canaryIll) return `its canary is ${canaryIll}`;
  if (plan.containment && plan.risk === 'change') return undefined;
  if (ill.lost >= 1) return `${ill.lost} lost`;
  if (plan.containment) return undefined;
  if (ill.failed >= 2) return `${ill.failed} failed`;
  return ill.unverified >= 3 ? `${ill.unverified} unverified` : undefined;
}

export const isAsked = ({ sim, askedAgain, begun }: RunBook, ring: number): boolean =>
  (sim.plan.rings[ring]?.approval.length ?? 0) > 0 || (askedAgain && !begun);

/** What was approved is what would be done. */
export function approvalOf({ approvals, hash }: RunBook, ring: number): { at: number; notBefore: number } | undefined {
  const given = approvals.get(ring);
  return given?.hash === hash ? given : undefined;
}

export const ringAt = ({ sim }: RunBook, wave: number): PlannedRing | undefined =>
  sim.plan.rings.find(({ firstWave, lastWave }) => firstWave <= wave && wave <= lastWave);
