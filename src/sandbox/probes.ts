import type { Facts, FactValue } from '../fleet/host.ts';
import { type Probe, probeName } from '../fleet/scripts/check-args.ts';

/**
 * What the service probes of a host's groups find: a port and a page are there when the host listens on that port,
 * a command always succeeds.
 */
export function probeRows(probes: readonly Probe[], facts: Facts): FactValue[] {
  const listeners = Array.isArray(facts.listeners) ? facts.listeners : [];
  return probes.map((probe) => {
    const detail = missing(probe, listeners);
    return { name: probeName(probe), ok: detail === undefined, ms: 10, ...(detail === undefined ? {} : { detail }) };
  });
}

function missing(probe: Probe, listeners: readonly FactValue[]): string | undefined {
  if ('command' in probe) return undefined;
  if ('port' in probe) return listeners.includes(String(probe.port)) ? undefined : `nothing listens on ${probe.port}`;
  return listeners.includes(portOf(probe.http)) ? undefined : 'no answer';
}

function portOf(address: string): string {
  const { port, protocol } = new URL(address);
  return port || (protocol === 'https:' ? '443' : '80');
}
