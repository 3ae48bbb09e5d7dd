import type { Config } from '../config/schema.ts';
import { hostsOfWindow } from '../config/windows.ts';
import { type AnsweringConfig, answeringOf } from '../escalation/answering.ts';
import type { Fleet } from '../fleet/fleet.ts';

/** Something the public knows by a name. */
export interface Component {
  name: string;
  description?: string;
  /** Components of one group stand together under its name. */
  group?: string;
  /** `false`: on the page only while something is wrong with it. */
  showcase: boolean;
  /** What happens to these happens to it; empty for what only people speak of. */
  hosts: ReadonlySet<string>;
}

export type ComponentsConfig = AnsweringConfig & Pick<Config, 'components'>;

/** All components in the order of the page: those that are listed, then those that only services name. Worked out once for a configuration and its fleet. */
export function componentsIn(config: ComponentsConfig, fleet: Fleet): readonly Component[] {
  const before = worked.get(config);
  if (before?.fleet === fleet) return before.components;
  const components = workOut(config, fleet);
  worked.set(config, { fleet, components });
  return components;
}

/** Names of the components that some hosts belong to, in the order of the page; none for hosts the public has no name for. */
export function componentsOf(config: ComponentsConfig, fleet: Fleet, hosts: readonly string[]): string[] {
  return componentsIn(config, fleet).flatMap((component) => (hosts.some((host) => component.hosts.has(host)) ? [component.name] : []));
}

const worked = new WeakMap<ComponentsConfig, { fleet: Fleet; components: readonly Component[] }>();

function workOut(config: ComponentsConfig, fleet: Fleet): Component[] {
  const services = [...answeringOf(config, fleet).services.values()];
  const names = [...new Set([...Object.keys(config.components), ...services.flatMap((service) => service.components)])];
  return names.map((name) => {
    const said = Object.hasOwn(config.components, name) ? config.components[name] : undefined;
    const its = services.filter((service) => service.components.includes(name) || said?.services.includes(service.name));
    return {
      name,
      ...(said?.description !== undefined && { description: said.description }),
      ...(said?.group !== undefined && { group: said.group }),
      showcase: said?.showcase ?? true,
      hosts: new Set([...(said?.hosts === undefined ? [] : hostsOfWindow(said.hosts, fleet)), ...its.flatMap(({ hosts }) => [...hosts])]),
    };
  });
}
