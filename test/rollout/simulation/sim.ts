import type { HostOutcome } from '../../../src/jobs.ts';
import type { decide } from '../../../src/rollout/decide.ts';
import type { HostView, Next, RunView } from '../../../src/rollout/shapes.ts';
import { NOON } from '../a-run.ts';
import type { Chance } from './chance.ts';
import type { SimHost, SimPlan } from './fleet.ts';
import { type Oracle, oracleOver } from './oracle.ts';

/** What is under test, and the parts of the shell that can be taken away as well. */
export interface Wiring {
  decide: typeof decide;
  /** The host refuses an intent it has seen. */
  fence: boolean;
  /** A worker looks at the stop and at its run right before it acts. */
  looksBeforeActing: boolean;
  /** A host that is lost keeps its places until there is evidence. */
  keepsPlaces: boolean;
}

/** One host in the hands of a worker. */
export interface Flight {
  host: string;
  intent: string;
  actAt: number;
  doneAt: number;
  acted: boolean;
  outcome: HostOutcome;
}

/** A run as the shell keeps it. */
export interface Live {
  sim: SimPlan;
  view: RunView;
  /** As planned. */
  all: ReadonlyMap<string, HostView>;
  flights: Flight[];
  /** Intents the hosts have seen. */
  fences: Set<string>;
  tries: Map<string, number>;
  /** There is work: decide about it. */
  woken: boolean;
  lookAt: number | undefined;
  waiting: Next['waiting'];
  edition: number;
}

/** The whole simulated world. */
export interface Sim {
  now: number;
  chance: Chance;
  wiring: Wiring;
  fleet: readonly SimHost[];
  oracle: Oracle;
  runs: Live[];
  slots: { budget: string; run: string; host: string }[];
  stopped: boolean;
  incidents: { id: string; run: string; known: boolean }[];
  rules: Set<string>;
  memoryUnknown: boolean;
  /** What goes wrong most on this day. */
  plague: HostOutcome | 'slow' | undefined;
  /** Nothing goes wrong any more. */
  calm: boolean;
  decisions: number;
  trace: string[];
  seen: Record<string, number>;
}

export function simOver(fleet: readonly SimHost[], chance: Chance, wiring: Wiring): Sim {
  const sim: Omit<Sim, 'oracle'> = {
    now: NOON,
    chance,
    wiring,
    fleet,
    runs: [],
    slots: [],
    stopped: false,
    incidents: [],
    rules: new Set(),
    memoryUnknown: false,
    plague: chance.odds(0.3) ? chance.pick(['failed', 'unverified', 'lost', 'held', 'slow']) : undefined,
    calm: false,
    decisions: 0,
    trace: [],
    seen: {},
  };
  const whole = sim as Sim;
  whole.oracle = oracleOver(fleet, {
    now: () => whole.now,
    stopped: () => whole.stopped,
    incidents: (run) => whole.incidents.filter((one) => one.run === run && !one.known).length,
    excluded: (host) => whole.rules.has(host),
    memoryKnown: () => !whole.memoryUnknown,
  });
  return whole;
}

export function note(sim: Sim, what: string, text: string): void {
  sim.seen[what] = (sim.seen[what] ?? 0) + 1;
  sim.trace.push(`${new Date(sim.now).toISOString().slice(5, 19)} ${text}`);
}

export function giveBack(sim: Sim, run: string, host: string, kept: (budget: string) => boolean = () => false): void {
  const budgets: string[] = [];
  sim.slots = sim.slots.filter((slot) => {
    const goes = slot.run === run && slot.host === host && !kept(slot.budget);
    if (goes) budgets.push(slot.budget);
    return !goes;
  });
  sim.oracle.gaveBack(run, host, budgets);
  for (const live of sim.runs) if (live.waiting?.for === 'budget' || live.waiting?.for === 'capacity') live.woken = true;
}

export const isFinal = ({ view }: Live): boolean => view.state === 'done' || view.state === 'cancelled' || view.state === 'expired';
