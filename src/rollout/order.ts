import type { Defaults } from '../config/defaults.ts';
import type { Host } from '../fleet/host.ts';
import type { Placement } from './placement.ts';

/** Ascending: what hurts most goes last, when the change has proved itself on everything else. */
export const PRECIOUS = ['plain', 'cluster', 'parent', 'alert path'] as const;
export type Precious = (typeof PRECIOUS)[number];

/** How much hangs on a host. An alert path that runs on it counts as its own. */
export function preciousOf(host: Host, placement: Placement, isAlertPath: (host: string) => boolean, inCluster: (host: string) => boolean): Precious {
  if (isAlertPath(host.name) || placement.guestsOf(host.name).some(isAlertPath)) return 'alert path';
  if (placement.carries(host.name)) return 'parent';
  return inCluster(host.name) ? 'cluster' : 'plain';
}

/**
 * Names of the rings there are among these hosts, in the order in which they go: those of `rings.order`, others as they come,
 * and last, for nobody said they matter less, hosts in no ring, which are the ring without a name.
 */
export function ringsOf(hosts: readonly Host[], defaults: Defaults): string[] {
  const there = new Set(hosts.map(({ ring }) => ring ?? ''));
  const order = defaults['rings.order'];
  const others = [...there].filter((ring) => ring !== '' && !order.includes(ring));
  return [...order.filter((ring) => there.has(ring)), ...others, ...(there.has('') ? [''] : [])];
}

/** A production ring, or no ring at all: absent is not harmless. */
export const isProduction = (ring: string | undefined, defaults: Defaults): boolean => !ring || defaults['rings.production'].includes(ring);

/** By ring, then the least precious first, else in inventory order. Over sites they are spread by the waves. */
export function inOrder<Placed extends { ring: number; precious: Precious }>(hosts: readonly Placed[]): Placed[] {
  return [...hosts].sort((a, b) => a.ring - b.ring || PRECIOUS.indexOf(a.precious) - PRECIOUS.indexOf(b.precious));
}
