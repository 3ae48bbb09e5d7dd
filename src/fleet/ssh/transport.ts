import type { Host, Reach } from '../host.ts';

/** A named script with its arguments; the only thing that ever goes over SSH. */
export interface ScriptCall {
  /** File `src/fleet/scripts/<name>.sh`, first line `# holdfast:<name> v<n>`; or one of the configuration, also as `name@sha256`. */
  script: string;
  args: readonly string[];
  /** Wall milliseconds for the script itself, after login. */
  timeout: number;
  /** Asked when the login is done and the host is about to be given the script. A reason: it is not given, and the call throws HeldBack. */
  unless?(): string | undefined;
}

/** The host was not given the script, for a reason that came up while it was being reached. */
export class HeldBack extends Error {}

/**
 * What one exec came to. `reach: 'ok'` = the script ran and its channel closed; `code` may still be non-zero.
 * Times are wall milliseconds since the call got its slot.
 */
export type ExecResult =
  | {
      reach: 'ok' /** 128 + its number when a signal ended it. */;
      code: number;
      signal?: string;
      stdout: string;
      stderr: string /** Output passed the bound and was cut. */;
      cut: boolean;
      /** It needs root and the login has no sudo for it: nothing of the script began. Why, for a person. */
      needsRoot?: string;
      ms: number;
    }
  | { reach: Exclude<Reach, 'ok'>; detail: string; ms: number };

/**
 * All SSH of one process: bounded in number, connections reused until idle, host keys always checked.
 * Never throws for a host's sake; a fault of ours (unreadable script) does throw.
 */
export interface Ssh {
  exec(host: Host, call: ScriptCall): Promise<ExecResult>;
  /** Connections open now, and calls that wait for a slot. */
  load(): { open: number; waiting: number };
  close(): Promise<void>;
}
