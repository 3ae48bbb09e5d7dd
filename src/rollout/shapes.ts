import type { HostOutcome, Pace } from '../jobs.ts';

/** The shapes the safety engine decides over. Everything here is plain data; times and lengths are domain milliseconds. */

/**
 * What was shown, approved and will be done. Frozen: its hash covers all of it (predictions stand elsewhere) and is what an
 * approval binds to (promise 9).
 */
export interface Plan {
  job: string;
  params: unknown;
  expression: string;
  /** `undo` puts back what run `of` did. */
  mode: 'do' | 'undo';
  of?: string;
  risk: 'change' | 'disrupt';
  containment: boolean;
  /** Goes on while everything is stopped, and asks nobody. */
  safe: boolean;
  /** Compare each host with its baseline. */
  compare: boolean;
  /** In the order in which they go. Hosts that are left out stand at their place, with `skip` and no wave. */
  hosts: PlannedHost[];
  /** In their order; one without a name unless `by rings`. */
  rings: PlannedRing[];
  waves: number;
  /** Budget → most at once. Every budget that a host of the plan claims stands here. */
  limits: Record<string, number>;
  pace: Pace;
  thresholds: { lost: number; failed: number; unverified: number };
  /** Not before. */
  startAt?: number;
  /** What it is called where the job's name alone does not say it: `power off`. */
  words?: string;
}

export interface PlannedHost {
  host: string;
  ring: number;
  /** From 0, over the whole run. Absent = left out. */
  wave?: number;
  /** Budgets it takes one place in each: `run:R1 site:bne hypervisors:bne parent:kvm01 redundancy:db-pair group:web`. */
  claims: string[];
  does: string;
  skip?: { rule: string; because: string };
  class: string;
  needsMb?: number;
  notes?: string[];
}

export interface PlannedRing {
  /** Empty where the run does not go by rings. */
  name: string;
  firstWave: number;
  lastWave: number;
  /** Why a second person is needed; empty = nobody is asked. */
  approval: string[];
  /** To wait after the ring before it, and whether a working morning must lie between. */
  soakBefore: number;
  workingMorning: boolean;
}

/** Outside the hash: what we believe about time. */
export interface Prediction {
  p50: number;
  p95: number;
  /** `11 runs of this class; evacuation included; floor 15 min`. */
  basis: string;
  /** By class of host; `from` = how many past doings it rests on. */
  host: Record<string, { p50: number; p95: number; from: number }>;
  /** How it fits the windows of its hosts, as said when it was planned. */
  fit?: string[];
}

/** `planned` waits for approval or its hour; `halted` waits for a person; the last three are final. */
export type RunState = 'planned' | 'running' | 'halted' | 'done' | 'cancelled' | 'expired';

/** A run as `decide` sees it: hosts of the current wave and those in flight only, so that 5,000 hosts cost no more than 5. */
export interface RunView {
  id: string;
  state: RunState;
  plan: Omit<Plan, 'hosts'>;
  by: string;
  /** Hosts that are not left out. */
  size: number;
  wave: number;
  /** Hosts by outcome, over the whole run. */
  counts: Partial<Record<HostOutcome | 'skipped', number>>;
  /** Outcomes a person has looked at and said `go` to: they no longer count towards a halt. */
  forgiven: Partial<Record<HostOutcome, number>>;
  /** Every host of the current wave, and of earlier ones those in flight or still holding slots. */
  hosts: HostView[];
  /** What the frozen plan hashes to. An approval of another hash is none. */
  hash?: string;
  /** Ring number → who approved it, and which hash. `notBefore`: a lone approver's minute. */
  approvals: Record<number, { by: string; at: number; hash?: string; breakGlass?: true; notBefore?: number }>;
  /** When it was asked for again; absent = when it was planned. Then somebody has to say yes even where nobody was needed. */
  askedAt?: number;
  /** When it was to begin, as people were told: `Next.due`, as stored. */
  due?: number;
  /** When the wave before, and the ring before, ended. */
  waveEnded?: number;
  ringEnded?: number;
  plannedAt: number;
  begunAt?: number;
  /** Break-glass: at most so many at once. */
  atOnce?: number;
  prediction: Prediction;
  /** Keys of what was said once already: `slow:kvm03@<started>`, `overdue:kvm03@<started>`, `lost:kvm03@<finished>`, `late:<now>`. */
  said: string[];
  halted?: { reason: HaltReason; by: string; because: string; at: number };
}

export interface HostView {
  host: string;
  wave: number;
  /** `waiting` → `going` (its slots are taken) → `ended` (it has its outcome; a lost one still holds its slots). */
  state: 'waiting' | 'going' | 'ended';
  outcome?: HostOutcome | 'skipped';
  /** The step it is in, while going. */
  phase?: Phase;
  claims: string[];
  class: string;
  needsMb?: number;
  started?: number;
  finished?: number;
}

/** The engine's steps for one host, in order; `undo` stands for all of them where a run puts back. */
export const PHASES = ['baseline', 'prepare', 'act', 'verify', 'compare', 'settle'] as const;
export type Phase = (typeof PHASES)[number] | 'undo' | 'call off';

/** What else is true while deciding. */
export interface World {
  now: number;
  /** The global halt. */
  stopped?: { by: string; because?: string };
  /** Every held slot of every run (and of FleetLock), this run's own included. */
  held: { budget: string; run: string; host: string }[];
  /** Open incidents of severity major and up that name a host of this run, and are not this run's own. */
  incidents: { id: string; severity: 'critical' | 'major'; title: string }[];
  /** Waiting host of the current wave → its window: open now, or when next. Absent = any time. */
  windows: Record<string, { open: boolean; opens: number; closes: number; says: string }>;
  /** Pool → free memory for evacuated guests on its other hosts, less what drains in flight have claimed. Absent = not known. */
  freeMb: Record<string, number>;
  /** Waiting host → what it has free itself, where `freeMb` counts that in: no room for its own guests. */
  ownFreeMb?: Record<string, number>;
  /** Hosts of the fleet this run has not touched, and how many of them died since it began: for the question of a containment run. */
  untouched?: { hosts: number; died: number };
  /** Host → the pool its guests go to. */
  poolOf: Record<string, string>;
  /** Waiting host of the current wave → the rule that now leaves it out. */
  excluded: Record<string, { rule: string; because: string }>;
  /** IANA zone of the installation: working mornings, and times in words. */
  zone: string;
  defaults: import('../config/defaults.ts').Defaults;
}

/** What is to be done now. The shell applies exactly this in one transaction, and shows `because`. */
export interface Next {
  state: RunState;
  wave: number;
  /** Hosts that take their slots and begin. */
  start: string[];
  /** Hosts that drop out by a rule made since. */
  skip: { host: string; rule: string; because: string }[];
  /** Why nothing, or nothing more, starts. */
  waiting?: {
    for: WaitFor;
    because: string;
    until?: number;
    /** Everything whose giving back may let one of its hosts begin: budgets, and `host:web01` for one that another run holds. */
    on?: string[];
  };
  /** Ask again then, though nothing has happened. */
  lookAt?: number;
  /** As to be stored; absent = as before. */
  waveEnded?: number;
  ringEnded?: number;
  begunAt?: number;
  /** When it is to begin, as people are told: its hour, or the opening of its window. Stored; absent = as before. */
  due?: number;
  /** It missed its hour: its approvals are void and it is asked for again, as of now (`askedAt`). */
  askAgain?: true;
  /** Opens an incident and asks for a person. `ask` = a question with numbers, for containment runs. */
  halt?: { reason: HaltReason; because: string; hosts: string[]; ask?: string };
  /** Each said once, by its key; `page` asks for a person too. */
  say: { key: string; text: string; page?: true }[];
  /** One line for card and log. */
  because: string;
}

export type WaitFor = 'approval' | 'time' | 'window' | 'soak' | 'ring soak' | 'budget' | 'capacity' | 'incident' | 'overdue' | 'stop' | 'hosts' | 'person';
export type HaltReason = 'lost' | 'failed' | 'unverified' | 'canary' | 'stop' | 'person' | 'held' | 'late';

/** What differs after a change. `grave`: the host has failed by it; else it is only told. */
export interface Difference {
  what: string;
  grave: boolean;
  /** Of a grave one: services come up later than their host. Look again for some minutes before it counts. */
  mayPass?: true;
}
