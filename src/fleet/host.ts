/** One name in the inventory. Several names may lead to one machine; each is a host of its own. */
export interface Host {
  name: string;
  address: string;
  port: number;
  user?: string;
  /** Inventory groups, without `@`; sites, rings and redundancy groups are groups too and stand here as well. */
  groups: string[];
  site?: string;
  ring?: string;
  /** The host this one is a guest of. */
  parent?: string;
  /** Groups whose members must not be down together. */
  redundancy: string[];
  /** Carries Holdfast, its stores, a monitor or a gateway it pages through. */
  alertPath?: boolean;
  /** Inventory variables: facts before anything was asked. */
  vars: Facts;
  ssh: SshSettings;
}

export interface SshSettings {
  /** Names or `user@host:port` of the machines to go through, nearest first. */
  jump: string[];
  identityFiles: string[];
  agent?: string;
  /** Name looked up in known_hosts when it is not the address. */
  hostKeyAlias?: string;
  knownHosts: string[];
  /** `ssh` = the system's own client, for what ssh2 cannot do; `why` says what. */
  transport: 'ssh2' | 'system';
  why?: string;
  proxyCommand?: string;
  /** The ssh config the system's client is given. */
  configFile?: string;
}

/** Absent is absent, never zero: a fact that is not known has no key. */
export type Facts = Record<string, FactValue>;
export type FactValue = string | number | boolean | FactValue[] | { [key: string]: FactValue };

/**
 * What came of asking one host. The first six are rungs of the reach ladder: packets swallowed, connection refused, TCP
 * open without a banner, another host key, no login, no end of the script.
 */
export const REACH = ['unroutable', 'refused', 'half-dead', 'key-mismatch', 'auth', 'exec-timeout', 'ok'] as const;
export type Reach = (typeof REACH)[number];

export type Severity = 'info' | 'warning' | 'critical';

/** A fact that is a problem. */
export interface Finding {
  /** The hazard that says so: `uptime-208`, `disk-full`. */
  hazard: string;
  severity: Severity;
  /** One line for a person at 3 a.m.: "past 208.5 d on an affected kernel (211 d 5 h)". */
  text: string;
  /** ISO time at which it comes about, for what is only near: names the next host of a cohort. */
  due?: string;
}

/** The latest of what is known about one host. */
export interface HostState {
  host: string;
  reach: Reach;
  /** Why, when it is not ok: "no banner within 5 s". */
  detail?: string;
  /** Domain time of the last answer or try. */
  askedAt: number;
  /** Domain time of the last ok answer. */
  answeredAt?: number;
  facts: Facts;
  findings: Finding[];
}
