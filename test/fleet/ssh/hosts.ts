import type { Host } from '../../../src/fleet/host.ts';
import type { Sshd } from './sshd.ts';

/** A host as the inventory would give it; `ssh` is merged. */
export function hostAt(place: { address: string; port: number }, change: Partial<Omit<Host, 'ssh'>> & { ssh?: Partial<Host['ssh']> } = {}): Host {
  const { ssh, ...rest } = change;
  return {
    name: 'web01',
    address: place.address,
    port: place.port,
    groups: [],
    redundancy: [],
    vars: {},
    ...rest,
    ssh: { jump: [], identityFiles: [], knownHosts: [], transport: 'ssh2', ...ssh },
  };
}

/** A host that a private sshd answers for, with the key and the known_hosts that fit it. */
export const hostOn = (sshd: Sshd, change: Parameters<typeof hostAt>[1] = {}): Host =>
  hostAt(sshd, { user: sshd.user, ...change, ssh: { identityFiles: [sshd.identity], knownHosts: [sshd.knownHosts], ...change.ssh } });

/** Nothing of the machine the tests run on is looked at. */
export const LIMITS = { user: 'nobody', globalKnownHosts: [] };
