import type { Host } from '../host.ts';
import { hostKeyBook, someAuthority } from './host-key.ts';

/**
 * Why a host known by its certificate only must be reached with the system's `ssh`, or `undefined`: ssh2 1.17 negotiates
 * no `…-cert-v01@openssh.com` host keys. Reads known_hosts, connects to nothing. Hashed files cost a hash per line and
 * host, so no host is looked up where no file has an authority at all.
 */
export function certificateOnly(host: Pick<Host, 'address' | 'port' | 'ssh'>): string | undefined {
  if (!someAuthority(host.ssh.knownHosts)) return undefined;
  const { keys, authorities } = hostKeyBook(host, { knownHosts: [], globalKnownHosts: [] }).here;
  if (authorities.length === 0 || keys.length > 0) return undefined;
  return `its host key is known only by certificate (@cert-authority in ${authorities[0]?.where})`;
}
