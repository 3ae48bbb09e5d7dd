import type { Log } from './ops.ts';

/** What runs where: `all` in one process; `chat` takes lines and answers; `worker` asks hosts and holds no tokens. */
export type Role = 'all' | 'chat' | 'worker';

export interface StartOptions {
  /** Absent = the sandbox: a simulated fleet of real SSH servers. */
  configFile?: string;
  dataDir?: string;
  role: Role;
  speed: number;
  fresh: boolean;
  /** Other automation is heard, in a role that takes lines. */
  listen?: boolean;
  env: Record<string, string | undefined>;
  home: string;
  /** The account Holdfast runs under: the login on hosts that name none. */
  login: string;
  log: Log;
}
