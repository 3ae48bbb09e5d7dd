import type { Reply } from './chat/command.ts';
import type { Config } from './config/schema.ts';
import type { Connections } from './deliver/connections.ts';
import type { Tell } from './deliver/tell.ts';
import type { Fleet, Targets } from './fleet/fleet.ts';
import type { Host, HostState } from './fleet/host.ts';
import type { ExecResult } from './fleet/ssh/transport.ts';
import type { PostmortemFiles } from './incidents/postmortem/file.ts';
import type { ChangeJob, ReadJob } from './jobs.ts';
import type { Clock } from './lib/clocks.ts';
import type { Person } from './people.ts';
import type { Announce } from './runs/announce.ts';
import type { Queries } from './store/db.ts';

/** The one thing a command or a job is given. Types only: main.ts puts it together. */
export interface Ops {
  clock: Clock;
  log: Log;
  /** The configuration in force; replaced as one on SIGHUP. */
  config(): Config;
  fleet(): Fleet;
  people(): readonly Person[];
  commands(): readonly import('./chat/command.ts').Command[];
  /** Hosts an expression names, with live sets and `where`; refuses what names nothing, with the nearest name. */
  targets(expression: string, actor: Person): Promise<Targets>;
  /** What is known of hosts from before; hosts never asked are absent. */
  known(hosts: readonly string[]): Promise<Map<string, HostState>>;
  /** Asks hosts now: one job of risk `read` over a target, by the chunk. The line ends when every host has its outcome. */
  read(job: ReadJob, params: unknown, targets: Targets): Reply;
  /** Runs a named script that only looks, on one host and at once, for a command that cannot plan without: bounded to some seconds by whoever asks. */
  ask(host: Host, script: string, args: readonly string[], timeout: number): Promise<ExecResult>;
  /** The job a run names. Throws (a fault of ours) for one this version does not know. */
  job(name: string): ChangeJob;
  /** Hosts a role's scope names. */
  hostsOf(scope: string): Promise<ReadonlySet<string>>;
  /** What people are told of runs without having asked. */
  announce: Announce;
  tell: Tell;
  /** Read-only SQL for commands that show what is recorded. */
  records: Queries;
  stop: StopSwitch;
  /** How the connections of this process to platforms and providers stand. */
  connections: Connections;
  /** The address of a person's calendar, where this process has a listener. */
  calendar?(person: string): string;
  /** The address of the board, where this process has a listener. */
  board?(): string;
  /** Postmortems as files, where this process has a data directory. */
  postmortemFiles?: PostmortemFiles;
  sandbox?: SandboxControls;
}

export interface Log {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

/** The global halt. Its truth is a file beside the data as well as a row, so that it works with the database down. */
export interface StopSwitch {
  state(): { stopped: false } | { stopped: true; by: string; at: number; because?: string };
  set(by: string, because?: string): Reply;
  lift(): Reply;
}

export interface SandboxControls {
  /** `ok dead mute half-dead slow no-return rotate-trap rotate-deaf`, or `attribute=value`. Throws Refusal with what there is. */
  fault(host: string, fault: string): Promise<string>;
  /** A change of the authority of `@kaza` on a copy of its files: what holds after each step, one line each. */
  rehearseAuthority(): Promise<string[]>;
}
