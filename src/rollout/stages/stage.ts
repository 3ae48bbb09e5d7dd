import type { HostView, Next, PlannedRing, RunState, RunView, WaitFor, World } from '../shapes.ts';

/** One thing that can keep a run from going on. It answers nothing where it has no objection. */
export interface Stage {
  name: string;
  look(at: Deciding): Ruling | undefined;
}

/** The same for a single host of the current wave; what one host takes, the next one finds taken. */
export interface Gate {
  name: string;
  look(host: HostView, at: Deciding): Objection | undefined;
}

/** What is being decided over, and what was gathered on the way. */
export interface Deciding {
  run: RunView;
  world: World;
  now: number;
  /** Of the current wave. */
  ring: number;
  /** Hosts of the current wave that have not begun. Stages take out. */
  waiting: HostView[];
  going: HostView[];
  skip: Next['skip'];
  say: Next['say'];
  /** Times at which something may change although nothing happens. */
  looks: number[];
  /** See `Next.due`. */
  due?: number;
  gates: readonly Gate[];
  taken: Taken;
}

/** Places and memory taken: by all runs before, and by hosts that begin in this decision. */
export interface Taken {
  /** Places of the budget that are held, but for that of this host in this run: its own of an earlier try is in nobody's way. */
  others(budget: string, host: string): number;
  /** Those, by name: `web01, web02: lost, R2 web03 and 4 more`. */
  by(budget: string, host: string): string;
  /** Another run that holds something for this host. */
  elsewhere(host: string): string | undefined;
  /** Hosts of this run in flight, or holding anything. */
  isBusy(host: string): boolean;
  busy(): number;
  /** Hosts that begin in this decision. */
  begun(): number;
  /** Memory of the pool that hosts take which begin in this decision. */
  mb(pool: string): number;
  take(host: HostView): void;
}

export interface Objection {
  for: WaitFor;
  because: string;
  until?: number;
  /** See `Next.waiting`. */
  on?: string[];
}

/** Ends the deciding. */
export interface Ruling {
  state: RunState;
  because: string;
  waiting?: Objection;
  halt?: Next['halt'];
  start?: string[];
  wave?: number;
  waveEnded?: number;
  ringEnded?: number;
  begunAt?: number;
  askAgain?: Next['askAgain'];
}

/** Nothing more starts; what is in flight goes on. */
export function wait(at: Deciding, objection: Objection, state: RunState = at.run.state): Ruling {
  return { state, waiting: objection, because: objection.because };
}

export const ringOf = (rings: readonly PlannedRing[], wave: number): number =>
  Math.max(
    0,
    rings.findIndex(({ firstWave, lastWave }) => firstWave <= wave && wave <= lastWave),
  );

/** `ring prod of R1`, or just the run where it does not go by rings. */
export function ringName(at: Deciding): string {
  const name = at.run.plan.rings[at.ring]?.name;
  return name ? `ring ${name} of ${at.run.id}` : at.run.id;
}

/** Outcomes nobody has said `go` to. */
export const open = (run: RunView, outcome: keyof RunView['forgiven']): number => (run.counts[outcome] ?? 0) - (run.forgiven[outcome] ?? 0);
