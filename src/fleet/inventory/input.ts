import type { FactValue } from '../host.ts';

/** Where hosts come from, as `holdfast.yaml` says it. */
export interface FleetInput {
  /** The configuration file: named in problems, and relative paths start from its folder. */
  file: string;
  /** What `~` stands for. */
  home: string;
  sources: readonly Source[];
  hosts: Readonly<Record<string, DeclaredHost>>;
  groups: Readonly<Record<string, DeclaredGroup>>;
  sites: Readonly<Record<string, { jump?: string[] }>>;
  ssh: SshDefaults;
  /** Where in `file` a value stands, for problems: `['groups', 'web', 'hosts']`, or its nearest ancestor. */
  at?(path: readonly (string | number)[]): { line: number; column: number } | undefined;
}

export type Source =
  | { ansible: string }
  /** argv, no shell; prints what `ansible-inventory --list` prints. */
  | { ansible_command: string[] }
  | { ssh_config: string };

export interface DeclaredHost {
  address?: string;
  port?: number;
  user?: string;
  groups?: string[];
  site?: string;
  ring?: string;
  parent?: string;
  redundancy?: string | string[];
  alert_path?: boolean;
  vars?: Record<string, FactValue>;
  jump?: string | string[];
}

export interface DeclaredGroup {
  /** A target over the other hosts and groups: `web[01-20]`, `@web!web01`. */
  hosts?: string;
  site?: string;
  ring?: string;
  /** `true` = the group itself is a redundancy group; a text names the one its members are in. */
  redundancy?: boolean | string;
}

export interface SshDefaults {
  user?: string;
  identity_files?: string[];
  known_hosts?: string[];
  /** Path of the agent's socket. */
  agent?: string;
  /** An ssh config whose connection settings apply to every host. */
  config?: string;
}
