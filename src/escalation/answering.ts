import type { PolicySaid } from '../config/policies.ts';
import type { RosterSaid } from '../config/rosters.ts';
import type { Runbook } from '../config/runbook.ts';
import type { Config } from '../config/schema.ts';
import { hostsOfWindow } from '../config/windows.ts';
import type { Fleet } from '../fleet/fleet.ts';

/** Something somebody answers for. A group with an owner is one, whether it stands under `services` or not. */
export interface Service {
  name: string;
  owner?: string;
  /** In the order in which they are asked. */
  backups: readonly string[];
  policy?: PolicySaid;
  /** The roster whose person is asked before the owner. */
  roster?: string;
  runbook?: Runbook;
  /** What whoever is paged must not do. */
  doNot: readonly string[];
  /** What the public calls it. */
  components: readonly string[];
  hosts: ReadonlySet<string>;
  prefer?: 'awake';
}

/** A roster with its zone. */
export type RosterPlan = Omit<RosterSaid, 'zone' | 'flat' | 'both'> & { name: string; zone: string };

/** Who answers for what, as the configuration says it. */
export interface Answering {
  services: ReadonlyMap<string, Service>;
  rosters: ReadonlyMap<string, RosterPlan>;
}

/** What of a configuration says who answers for what. */
export type AnsweringConfig = Pick<Config, 'groups' | 'people' | 'services' | 'policies' | 'rosters' | 'timezone'>;

/** Worked out once for a configuration and its fleet, which are replaced as one. */
export function answeringOf(config: AnsweringConfig, fleet: Fleet): Answering {
  const before = worked.get(config);
  if (before?.fleet === fleet) return before.answering;
  const answering = workOut(config, fleet);
  worked.set(config, { fleet, answering });
  return answering;
}

const worked = new WeakMap<AnsweringConfig, { fleet: Fleet; answering: Answering }>();

function workOut(config: AnsweringConfig, fleet: Fleet): Answering {
  const owned = Object.entries(config.groups).flatMap(([name, { owner }]) => (owner === undefined ? [] : [name]));
  const names = [...new Set([...Object.keys(config.services), ...owned])];
  return {
    services: new Map(names.map((name) => [name, serviceOf(name, config, fleet)])),
    rosters: new Map(Object.entries(config.rosters).map(([name, { zone = config.timezone, layers, overrides }]) => [name, { name, zone, layers, overrides }])),
  };
}

function serviceOf(name: string, config: AnsweringConfig, fleet: Fleet): Service {
  const said = Object.hasOwn(config.services, name) ? config.services[name] : undefined;
  const group = Object.hasOwn(config.groups, name) ? config.groups[name] : undefined;
  const owner = said?.owner ?? group?.owner;
  const runbook = said?.runbook ?? group?.runbook;
  const policy = said?.policy === undefined ? undefined : config.policies[said.policy];
  return {
    name,
    ...(owner !== undefined && { owner }),
    backups: (said?.backups ?? []).filter((person) => person !== owner),
    ...(policy && { policy }),
    ...(said?.roster !== undefined && { roster: said.roster }),
    ...(runbook && { runbook }),
    doNot: said?.do_not ?? [],
    components: said?.components ?? [],
    hosts: new Set(said?.hosts === undefined ? (fleet.groups.get(name) ?? []) : hostsOfWindow(said.hosts, fleet)),
    ...(said?.prefer && { prefer: said.prefer }),
  };
}

/** The services some hosts belong to: that of most of them first, and of two the smaller one, which is the more particular. */
export function servicesOfHosts({ services }: Answering, hosts: readonly string[]): Service[] {
  const held = (service: Service): number => hosts.filter((host) => service.hosts.has(host)).length;
  return [...services.values()]
    .map((service) => ({ service, held: held(service) }))
    .filter(({ held }) => held > 0)
    .sort((a, b) => b.held - a.held || a.service.hosts.size - b.service.hosts.size)
    .map(({ service }) => service);
}
