import { type CertificatesConfig, hostsNamed } from '../config/certificates.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Facts, Host } from '../fleet/host.ts';
import type { Listener } from './served.ts';

/** Ports where TLS begins at once by custom, or after one word. Asked only where a check saw the host listen there. */
const CUSTOMARY: Readonly<Record<number, Listener['starttls'] | 'at once'>> = {
  443: 'at once',
  636: 'at once',
  993: 'at once',
  995: 'at once',
  2379: 'at once',
  2380: 'at once',
  5432: 'postgres',
  6443: 'at once',
  8443: 'at once',
  9443: 'at once',
  10250: 'at once',
  10257: 'at once',
  10259: 'at once',
};

/** Asked of one host in one look. */
const MOST = 32;

/** Where this host serves certificates: what the configuration names, and the customary ports a check saw it listen on. */
export function listenersOf(host: Host, facts: Facts, said: CertificatesConfig, fleet: Fleet): Listener[] {
  const named = said.listeners
    .filter(({ hosts }) => hostsNamed(hosts, fleet).has(host.name))
    .map(({ port, address, name, starttls }): Listener => {
      const [, there = host.address, at = String(port)] = /^\[?(.*?)\]?:(\d+)$/.exec(address ?? '') ?? [];
      return { port, host: there, at: Number(at), ...(name !== undefined && { name }), ...(starttls && { starttls }) };
    });
  const taken = new Set(named.map(({ port }) => port));
  if (!said.known_ports) return named.slice(0, MOST);
  const heard = Array.isArray(facts['listeners']) ? facts['listeners'].map(Number) : [];
  const customary = heard
    .filter((port) => CUSTOMARY[port] !== undefined && !taken.has(port))
    .map((port): Listener => {
      const how = CUSTOMARY[port];
      return { port, host: host.address, at: port, ...(how && how !== 'at once' && { starttls: how }) };
    });
  return [...named, ...customary].slice(0, MOST);
}
