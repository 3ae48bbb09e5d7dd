import type { Problem } from '../../config/problem.ts';
import type { Fleet } from '../fleet.ts';
import type { Host } from '../host.ts';
import { checkFleet } from './check.ts';
import { addDeclaredGroups, addDeclaredHosts } from './declared.ts';
import { type GatheredHost, gather, pathsOf } from './gather.ts';
import { groupsOf } from './groups.ts';
import type { FleetInput } from './input.ts';
import { type Reachable, reachOf } from './reach.ts';

/**
 * The whole inventory and everything wrong with it. The fleet is usable only when there are no problems; it never
 * throws for a file's sake.
 */
export async function buildFleet(input: FleetInput): Promise<{ fleet: Fleet; problems: Problem[] }> {
  const problems: Problem[] = [];
  const gathered = await gather(input, problems);
  addDeclaredHosts(gathered, input, problems);
  const groups = groupsOf(gathered.hosts, gathered.groups);
  addDeclaredGroups(groups, input, problems);
  const reach = await reachOf(gathered, input, pathsOf(input));
  const hosts = new Map<string, Host>();
  for (const host of gathered.hosts.values()) hosts.set(host.name, finish(host, await reach(host)));
  const fleet: Fleet = { hosts, groups: groups.finished() };
  problems.push(...checkFleet(fleet, gathered.hosts));
  return { fleet, problems };
}

function finish(host: GatheredHost, { address, port, user, ssh }: Reachable): Host {
  const { site, ring, parent, redundancy = [], alertPath } = host.place;
  return {
    name: host.name,
    address,
    port,
    ...(user !== undefined && { user }),
    groups: [...host.groups],
    ...(site !== undefined && { site }),
    ...(ring !== undefined && { ring }),
    ...(parent !== undefined && { parent }),
    redundancy,
    ...(alertPath && { alertPath }),
    vars: host.vars,
    ssh,
  };
}
