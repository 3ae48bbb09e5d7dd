import type { z } from 'zod';
import type { Facts, Finding, Host, HostState } from './fleet/host.ts';
import type { ExecResult } from './fleet/ssh/transport.ts';
import type { Clock } from './lib/clocks.ts';

/**
 * What is done to one host. Each step is a function of one host and is short: waiting is a row, never an `await`.
 * Reads have `act` only. `prepare`, `verify`, `undo` and `estimate` belong to changes (src/rollout).
 */
export interface Job<Params extends z.ZodType = z.ZodType> {
  name: string;
  summary: string;
  risk: 'read' | 'change' | 'disrupt';
  params: Params;
  act(host: Host, context: JobContext<z.infer<Params>>): Promise<HostResult>;
  prepare?(host: Host, context: JobContext<z.infer<Params>>): Promise<HostResult>;
  verify?(host: Host, context: JobContext<z.infer<Params>>): Promise<HostResult | { lookAgainIn: number }>;
  undo?(host: Host, context: JobContext<z.infer<Params>>): Promise<HostResult>;
  /** Domain milliseconds, median and 95th percentile, before there is history. */
  estimate?(host: Host, state: HostState | undefined): { p50: number; p95: number };
}

export interface JobContext<Params> {
  params: Params;
  clock: Clock;
  /** What is known from before. */
  known?: HostState;
  /** Runs `src/fleet/scripts/<name>.sh` on the host. */
  script(name: string, args?: readonly string[], timeout?: number): Promise<ExecResult>;
}

/** One host's answer, as a worker writes it. */
export interface HostResult {
  host: string;
  outcome: 'ok' | 'already' | 'failed' | 'lost' | 'unverified';
  /** For reads: where on the reach ladder it stopped. */
  reach: HostState['reach'];
  detail?: string;
  facts?: Facts;
  findings?: Finding[];
  /** Wall milliseconds. */
  ms: number;
}

export function defineJob<Params extends z.ZodType>(job: Job<Params>): Job {
  return job as unknown as Job;
}
