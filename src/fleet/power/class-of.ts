import type { PowerClass, PowerClasses } from '../../config/power.ts';
import type { Fleet } from '../fleet.ts';
import type { Host } from '../host.ts';
import { parseTarget } from '../target/parse.ts';
import { selectHosts } from '../target/select.ts';

/** The class of power a host is in, or none. */
export function classOf(
  host: Pick<Host, 'name'>,
  { config, fleet }: { config: { power: PowerClasses }; fleet: Fleet },
): { name: string; entry: PowerClass } | undefined {
  const name = membersOf(config.power, fleet).get(host.name);
  const entry = name === undefined ? undefined : config.power[name];
  return name === undefined || entry === undefined ? undefined : { name, entry };
}

/** Worked out once for a configuration and its fleet: both are replaced as one. */
const kept = new WeakMap<PowerClasses, { fleet: Fleet; members: Map<string, string> }>();

function membersOf(power: PowerClasses, fleet: Fleet): Map<string, string> {
  const last = kept.get(power);
  if (last?.fleet === fleet) return last.members;
  const names = { hosts: [...fleet.hosts.keys()], groups: fleet.groups, live: new Map(), liveNames: [] };
  const members = new Map<string, string>();
  for (const [name, entry] of Object.entries(power)) {
    for (const host of selectHosts(parseTarget(entry.hosts).steps, names)) if (!members.has(host)) members.set(host, name);
  }
  kept.set(power, { fleet, members });
  return members;
}
