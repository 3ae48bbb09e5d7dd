import type { Host } from './host.ts';

/** The inventory, whole and validated; replaced as one when the configuration is read again. */
export interface Fleet {
  /** By name, in inventory order. */
  hosts: ReadonlyMap<string, Host>;
  /** Group name without `@` → host names in inventory order. Every site, ring and redundancy group is here, and `all`. */
  groups: ReadonlyMap<string, readonly string[]>;
}

/** Hosts a target expression names, in inventory order, each once. */
export interface Targets {
  expression: string;
  hosts: Host[];
}
