import type { Config } from '../config/schema.ts';
import type { Tell } from '../deliver/tell.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Ssh } from '../fleet/ssh/transport.ts';
import type { ChangeJob, HostOutcome, Job, Memory } from '../jobs.ts';
import type { Clock } from '../lib/clocks.ts';
import type { Log, StopSwitch } from '../ops.ts';
import type { Person } from '../people.ts';
import type { Db, Tx } from '../store/db.ts';
import type { Announce } from './announce.ts';

/** What carrying out runs needs; main.ts puts it together. */
export interface RunsWorld {
  db: Db;
  clock: Clock;
  log: Log;
  ssh: Ssh;
  config(): Config;
  fleet(): Fleet;
  people(): readonly Person[];
  job(name: string): Job | undefined;
  stop: Pick<StopSwitch, 'state'>;
  /** Aborted when this process is told to end. */
  ending: AbortSignal;
  announce: Announce;
  tell: Tell;
  /** Other rooms that keep account of what runs did; inside the transaction that writes it. */
  hostEnded: readonly ((tx: Tx, end: HostEnd) => Promise<void>)[];
  runEnded: readonly ((tx: Tx, end: { run: string; job: string; state: string; at: number }) => Promise<void>)[];
}

/** One host of a run has its outcome, as the runs tell other rooms. */
export interface HostEnd {
  run: string;
  job: string;
  mode: 'do' | 'undo';
  host: string;
  outcome: HostOutcome;
  detail: string;
  memory: Memory;
  at: number;
}

/** Throws (a fault of ours, or of a version during a deploy) for a job this process does not know: the work is left to one that does. */
export function changeJob(world: Pick<RunsWorld, 'job'>, name: string): ChangeJob {
  const job = world.job(name);
  if (!job || job.risk === 'read') throw new Error(`this version of Holdfast has no job "${name}" that changes hosts`);
  return job;
}
