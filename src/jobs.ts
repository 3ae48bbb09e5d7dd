import type { z } from 'zod';
import type { HostCertificates } from './certificates/certificate.ts';
import type { Defaults } from './config/defaults.ts';
import type { Config } from './config/schema.ts';
import type { Fleet } from './fleet/fleet.ts';
import type { Facts, Finding, Host, HostState } from './fleet/host.ts';
import type { ExecResult } from './fleet/ssh/transport.ts';
import type { Clock } from './lib/clocks.ts';

/** What is done to hosts: a read asks them (src/reading), a change is carried out as a run (src/rollout decides, src/runs does). */
export type Job = ReadJob | ChangeJob;

export interface ReadJob<Params extends z.ZodType = z.ZodType> {
  name: string;
  summary: string;
  risk: 'read';
  params: Params;
  /** It asks about the host elsewhere: whether the host itself answers is not learned from it. */
  aside?: true;
  act(host: Host, context: JobContext<z.infer<Params>>): Promise<HostResult>;
}

/**
 * Something done to one host at a time. Each step is a function of one host and ends within some 20 s: waiting is a row,
 * never an `await`. A step may be begun again after a crash or a frozen worker, so `act` hands `intent` to the host and
 * the host refuses the second. The engine takes the baseline before `prepare` and compares after `verify` where `compare` is set.
 */
export interface ChangeJob<Params extends z.ZodType = z.ZodType> {
  name: string;
  summary: string;
  /** `change`: the host goes on serving. `disrupt`: it, or something on it, does not. A function where the parameters decide (`script`). */
  risk: 'change' | 'disrupt' | ((params: z.infer<Params>) => 'change' | 'disrupt');
  params: Params;
  /**
   * A step in the safe direction: it needs nobody's approval and goes on while everything is stopped. `containment` also
   * expects hosts to die anyway: only the canary's loss halts it. (`pause updates`; `unload kernelcare` is containment
   * and safe only in a major incident, which src/rollout/approval.ts knows.) A function where the parameters decide:
   * `power cycle` of hosts that do not answer, and only as long as they do not. Ask `isSafe`.
   */
  safe?: boolean | ((params: z.infer<Params>) => boolean);
  containment?: boolean;
  /** Compare what the host was before with what it is after: failed units, kernel log, hashes, guests. */
  compare?: boolean;
  /** Bad outcomes that halt a run of it; unsaid = `halt.*`. Stricter than those only. */
  halts?: { failed?: number; unverified?: number };
  /** How many and how fast; unsaid, or `undefined`, = `batch.*` and `soak.*`. */
  pace?(defaults: Defaults, params: z.infer<Params>): Pace | undefined;
  /** Pure: what would be done to this host, or why it is skipped. Throws Refusal to refuse the whole run, naming the host. */
  foresee(host: Host, foresight: Foresight<z.infer<Params>>): Foreseen;
  /** Looks, then makes ready (drains). Ends with `end` when the host must not be touched now. */
  prepare?(host: Host, context: StepContext<z.infer<Params>>): Promise<Step>;
  act(host: Host, context: StepContext<z.infer<Params>>): Promise<Step>;
  /** Whether it has come about; `wait` looks again. */
  verify?(host: Host, context: StepContext<z.infer<Params>>): Promise<Step>;
  /** After everything was found well: back into service. */
  settle?(host: Host, context: StepContext<z.infer<Params>>): Promise<Step>;
  /** At `stop`: calls off what was scheduled on the host and has not happened. `done` = called off; `end` = too late, with what is. */
  callOff?(host: Host, context: StepContext<z.infer<Params>>): Promise<Step>;
  /** Puts back what `memory` recorded, byte for byte. Also takes a half-prepared host back into service. */
  undo?(host: Host, context: StepContext<z.infer<Params>>): Promise<Step>;
  /** For `undo R1`: what will be put back, one line. */
  sayUndo?(host: Host, memory: Memory): string | undefined;
}

/** Plain data a step leaves for the later ones, kept in the database: what was recorded before, when something was begun. */
export type Memory = Record<string, unknown>;

/**
 * What came of one step. `remember` is merged into the memory. `looked`: a check of the host made on the way; with the last
 * step it becomes what is known of the host, and evidence that gives slots of other runs back. `event`: recorded in the life of
 * the run before the next step begins, with the host.
 */
export type Step =
  | { step: 'done'; detail?: string; remember?: Memory; looked?: HostResult; event?: { type: string; data: Record<string, unknown> } }
  /** Not yet: the same step again after so many domain milliseconds. `waitingFor` is shown: "11 guests still here". */
  | { step: 'wait'; lookAgainIn: number; waitingFor: string; remember?: Memory }
  /** The host has its outcome. */
  | { step: 'end'; outcome: HostOutcome; detail: string; remember?: Memory; looked?: HostResult };

/** `failed`: it answered, and it is not well. `lost`: no answer. `unverified`: nobody knows. `held`: half-prepared, a person decides. */
export type HostOutcome = 'ok' | 'already' | 'failed' | 'lost' | 'unverified' | 'held';

export interface StepContext<Params> {
  params: Params;
  clock: Clock;
  /** What was known when this run touched the host. */
  known?: HostState;
  run: { id: string; by: string; because?: string };
  /** Names this doing of this job to this host: `R1-kvm01-1`. Letters, digits, `-`, `_` and `.` only. */
  intent: string;
  /** Domain time at which this step was begun for the first time. */
  since: number;
  memory: Memory;
  /** Facts of before, where `compare` is set. */
  baseline?: Facts;
  config: Config;
  fleet: Fleet;
  /** Packages that rules keep off this host now; those of the plan stand in its params. */
  keptOff(): Promise<readonly { rule: string; pattern: string }[]>;
  /** Predicted domain ms of this host in this run; `from` = how many past doings that rests on. */
  predicted: { p50: number; p95: number; from?: number };
  /** Runs a named script on this host, or on another one of the fleet. */
  script(name: string, args?: readonly string[], timeout?: number): Promise<ExecResult>;
  scriptOn(host: string, name: string, args?: readonly string[], timeout?: number): Promise<ExecResult>;
  /**
   * An effect that nothing can fence, at most once per key: written as started before, as done after. Found started and
   * not done (a crash between) it does nothing and answers `unsure`: look, or ask a person.
   */
  once<Answer>(key: string, effect: () => Promise<Answer>): Promise<{ answer: Answer } | 'unsure'>;
}

export interface Foresight<Params> {
  params: Params;
  /** Facts known, slim: see PLANNED_FACTS in src/runs. */
  known?: HostState;
  fleet: Fleet;
  config: Config;
  now: number;
  /** Packages that rules keep off this host, as patterns (`linux-image*`), with the rule: E1. */
  keptOff: readonly { rule: string; pattern: string }[];
}

export interface Foreseen {
  /** What is done to it, one line for the plan: `drain 11 guests, reboot into 6.1.0-41`. */
  does: string;
  /** It is left out: the named reason. `already` also when nothing needs to be done. */
  skip?: { rule: string; because: string };
  /** For this host a step in the safe direction by itself: nobody is asked for it (power on of one that is down). */
  safe?: true;
  /** Domain ms, without history. */
  estimate: { p50: number; p95: number };
  /** Durations of the same class are comparable: `hypervisor`, `metal`, `vm`. */
  class: string;
  /** Memory its guests need elsewhere while it is drained. */
  needsMb?: number;
  /** Shown below the plan, folded over hosts: `boots into 6.1.0-40, which still carries uptime-208`. */
  notes?: string[];
}

/** How many at once and how long between. Counts are hosts, shares percent of the target, times domain ms. */
export interface Pace {
  /** Sizes of the first waves; `[1]` = a canary. Empty = no canary. */
  first: readonly number[];
  /** Later waves: the smaller of both; absent = everything in one wave. */
  hosts?: number;
  share?: number;
  /** At once in one site. Absent = `batch.site`; `Infinity` = not bounded. */
  site?: number;
  soakCanary: number;
  soakWave: number;
  /** Neither sites, parents nor redundancy groups bound it: the hosts go on serving meanwhile. */
  unbounded?: boolean;
}

export interface JobContext<Params> {
  params: Params;
  clock: Clock;
  /** What is known from before. */
  known?: HostState;
  /** Runs `src/fleet/scripts/<name>.sh` on the host. */
  script(name: string, args?: readonly string[], timeout?: number): Promise<ExecResult>;
  /** For what is asked about a host elsewhere: its BMC, its parent. */
  around?: {
    config: Config;
    fleet: Fleet;
    scriptOn(host: string, name: string, args?: readonly string[], timeout?: number): Promise<ExecResult>;
  };
}

/** One host's answer to a read, as a worker writes it. */
export interface HostResult {
  host: string;
  outcome: 'ok' | 'already' | 'failed' | 'lost' | 'unverified';
  /** Where on the reach ladder it stopped. */
  reach: HostState['reach'];
  detail?: string;
  /** What a script printed last, where that is the answer. */
  output?: string;
  /** Whether its power is on, where that was asked. */
  power?: 'on' | 'off';
  facts?: Facts;
  findings?: Finding[];
  /** What a look at certificates found; kept in the inventory, not with the answer. */
  certificates?: HostCertificates;
  /** Wall milliseconds. */
  ms: number;
}

/** Whether these parameters make it a step in the safe direction. */
export const isSafe = (job: ChangeJob, params: unknown): boolean => (typeof job.safe === 'function' ? job.safe(params) : job.safe === true);

export function defineRead<Params extends z.ZodType>(job: ReadJob<Params>): ReadJob {
  return job as unknown as ReadJob;
}

export function defineChange<Params extends z.ZodType>(job: ChangeJob<Params>): ChangeJob {
  return job as unknown as ChangeJob;
}
