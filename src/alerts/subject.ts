import { answeringOf, servicesOfHosts } from '../escalation/answering.ts';
import type { Ops } from '../ops.ts';
import type { AlertEvent } from './event.ts';
import { hostsNamed } from './host-names.ts';
import { standsOn } from './stands-on.ts';

type World = Pick<Ops, 'config' | 'fleet'>;

/** What an alert is about, in the words of the inventory. */
export interface Subject {
  hosts: string[];
  service: string | null;
  /** What all of its hosts stand on. */
  parent: string | null;
  details: Record<string, string>;
}

/** Hosts the inventory knows, and who answers: the service it names where there is one, else that of its hosts. */
export function subjectOf(event: Pick<AlertEvent, 'hosts' | 'service' | 'details'>, world: World): Subject {
  const fleet = world.fleet();
  const answering = answeringOf(world.config(), fleet);
  const { known, unknown } = hostsNamed(fleet, event.hosts);
  const wanted = event.service?.trim().toLowerCase();
  const named = wanted === undefined ? undefined : [...answering.services.keys()].find((name) => name.toLowerCase() === wanted);
  const said = new Set(Object.values(event.details));
  const lost = unknown.filter((name) => !said.has(name));
  return {
    hosts: known,
    service: named ?? servicesOfHosts(answering, known)[0]?.name ?? null,
    parent: standsOn(fleet).common(known)[0] ?? null,
    details: { ...event.details, ...(lost.length > 0 && { 'unknown hosts': lost.join(', ').slice(0, 500) }) },
  };
}

export const hostsOfService = ({ config, fleet }: World, { service }: { service: string | null }): ReadonlySet<string> | undefined =>
  service === null ? undefined : answeringOf(config(), fleet()).services.get(service)?.hosts;

/** Who answers for some hosts. */
export const serviceOf = ({ config, fleet }: World, hosts: readonly string[]): string | null =>
  servicesOfHosts(answeringOf(config(), fleet()), hosts)[0]?.name ?? null;
