import { createHash } from 'node:crypto';
import type { HostModel } from './model.ts';
import type { RosterHost } from './roster.ts';

/** `name from to`; no `from` = new. */
export interface Pending {
  name: string;
  from?: string;
  to: string;
}

/** What a simulated host remembers of its packages; a key of its own in `state`. */
export interface PackageState {
  /** Versions that are no longer those of the start. */
  at: Record<string, string>;
  /** Upgrades by intent, as the host's /var/lib/holdfast/patch. */
  doings: Record<string, Doing>;
}

export interface Doing {
  mode: 'upgrade' | 'back' | 'off';
  begun: number;
  ends: number;
  packages: Pending[];
  changed?: true;
  applied?: true;
}

export const packagesOf = (model: HostModel): PackageState => (model.state?.packages as PackageState | undefined) ?? { at: {}, doings: {} };

const COMMON: Pending[] = [
  { name: 'libssl3', from: '3.0.17-1~deb12u2', to: '3.0.17-1~deb12u3' },
  { name: 'openssl', from: '3.0.17-1~deb12u2', to: '3.0.17-1~deb12u3' },
];
const KERNEL: Pending[] = [
  { name: 'linux-image-6.1.0-41-amd64', to: '6.1.158-1' },
  { name: 'linux-image-amd64', from: '6.1.153-1', to: '6.1.158-1' },
];

/** What the distribution has newer, by kind; hosts of other kinds are up to date. */
const NEWER: Partial<Record<RosterHost['kind'], Pending[]>> = {
  web: [...COMMON, ...KERNEL, { name: 'nginx', from: '1.22.1-9+deb12u2', to: '1.22.1-9+deb12u3' }],
  db: [...COMMON, ...KERNEL, { name: 'postgresql-15', from: '15.14-0+deb12u1', to: '15.15-0+deb12u1' }],
  lab: [
    { name: 'curl', from: '8.14.1-2', to: '8.14.1-2+deb13u1' },
    { name: 'openssh-server', from: '1:10.0p1-7', to: '1:10.0p1-7+deb13u1' },
  ],
};

/** A kernel package and the kernel it brings. */
export const KERNELS: Record<string, string> = { 'linux-image-6.1.0-41-amd64': '6.1.0-41-amd64' };

export const RESTARTS: Record<string, string> = { nginx: 'nginx.service', 'postgresql-15': 'postgresql.service', 'openssh-server': 'ssh.service' };

/** What an upgrade would do now, less what is to stay off. */
export function pendingOn(host: RosterHost, model: HostModel, kernel: boolean, patterns: readonly string[]): Pending[] {
  const { at } = packagesOf(model);
  const off = [...patterns, ...(kernel ? [] : ['linux-image*', 'linux-headers*'])].map(globOf);
  return (NEWER[host.kind] ?? [])
    .filter(({ name, to }) => at[name] !== to && !off.some((pattern) => pattern.test(name)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export const sumOf = (packages: readonly Pending[]): string => createHash('sha256').update(packages.map(lineOf).join('\n')).digest('hex');

export const lineOf = ({ name, from, to }: Pending): string => `${name} ${from ?? '-'} ${to}`;

const globOf = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
