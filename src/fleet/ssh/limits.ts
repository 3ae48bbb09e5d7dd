import type { Host } from '../host.ts';

/** What all SSH of one process is given. Times in wall milliseconds. */
export interface SshLimits {
  /** Login when the host names none. */
  user: string;
  /** Tried after the host's own keys and the agent's, as far as they exist. Default none; main.ts gives ~/.ssh/id_*. */
  identityFiles?: readonly string[];
  /** Socket of an ssh agent; a host's own goes first. */
  agent?: string;
  /** known_hosts files for hosts that name none of their own. */
  knownHosts?: readonly string[];
  /** Looked at for every host, after the others. Default /etc/ssh/ssh_known_hosts and ssh_known_hosts2. */
  globalKnownHosts?: readonly string[];
  /** The inventory's host of this name, for jump hosts; one it does not know is taken as `user@address:port`. */
  host?(name: string): Host | undefined;
  /** Calls in flight, at most. Default 64. */
  inFlight?: number;
  /** Connections open at once, at most; the longest unused goes first. Default 512. */
  open?: number;
  /** An unused connection is closed after this. Default 60 s. */
  idle?: number;
  /** For TCP to open, per hop. Default 5 s. */
  connect?: number;
  /** From then to the SSH banner. Default 5 s. */
  banner?: number;
  /** From then to the end of the login. Default 8 s. */
  auth?: number;
  /** Bytes kept of one script's output. Default 1 MiB. */
  stdout?: number;
  /** Default 64 KiB. */
  stderr?: number;
  /** Environment of the system's ssh, for hosts that need it. Default PATH, HOME and the agent. */
  env?: Readonly<Record<string, string>>;
}

export type Limits = Required<Omit<SshLimits, 'agent' | 'host' | 'env'>> & Pick<SshLimits, 'agent' | 'host' | 'env'>;

export function withDefaults(settings: SshLimits): Limits {
  const said = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as unknown as SshLimits;
  return { ...DEFAULTS, ...said };
}

const DEFAULTS = {
  identityFiles: [],
  knownHosts: [],
  globalKnownHosts: ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
  inFlight: 64,
  open: 512,
  idle: 60_000,
  connect: 5000,
  banner: 5000,
  auth: 8000,
  stdout: 1024 * 1024,
  stderr: 64 * 1024,
} satisfies Partial<SshLimits>;
