import type { Fleet } from '../fleet/fleet.ts';
import { rank } from '../people.ts';
import { isLoopback, type Machine } from './automation.ts';
import type { Path } from './document.ts';
import type { Config } from './schema.ts';

interface Wrong {
  path: Path;
  says: string;
}

/** What the machines of a configuration say that does not hold. `wrongTarget` answers what is wrong with a target, if anything. */
export function checkAutomation(
  config: Pick<Config, 'automation' | 'listen'>,
  known: { fleet: Fleet; complete: boolean },
  wrongTarget: (target: string) => string | undefined,
): Wrong[] {
  const problems: Wrong[] = [];
  const keys = new Map<string, string>();
  for (const [name, machine] of Object.entries(config.automation)) {
    const key = machine.key.reveal();
    const other = keys.get(key);
    if (other)
      problems.push({ path: ['automation', name, 'key'], says: `\`automation.${name}.key\` is also that of ${other}: whoever sends it could be either` });
    keys.set(key, name);
    for (const [at, { scope }] of (machine.role ?? []).entries()) {
      const says = scope === undefined ? undefined : wrongTarget(scope);
      if (says) problems.push({ path: ['automation', name, 'role', at], says: `\`automation.${name}.role\` ${says}` });
    }
    problems.push(...checkFleetLock(name, machine, known, wrongTarget));
  }
  const { host } = config.listen.private;
  if (!isLoopback(host) && keys.size === 0)
    problems.push({
      path: ['listen', 'private', 'host'],
      says: `\`listen.private.host\` ${host} can be reached from other machines, and there is no key under \`automation\`: add one for each program that may ask, or listen on 127.0.0.1`,
    });
  return problems;
}

function checkFleetLock(
  name: string,
  { fleetlock, role }: Machine,
  { fleet, complete }: { fleet: Fleet; complete: boolean },
  wrongTarget: (target: string) => string | undefined,
): Wrong[] {
  if (!fleetlock) return [];
  const here = ['automation', name, 'fleetlock'];
  const problems: Wrong[] = [];
  if (!(role ?? []).some((held) => rank(held.role) >= rank('operator')))
    problems.push({
      path: here,
      says: `\`automation.${name}\` has \`fleetlock\` and takes no hosts down without the role \`operator\`: add \`role: operator on @group\``,
    });
  for (const [group, target] of Object.entries(fleetlock.groups ?? {})) {
    const says = wrongTarget(target);
    if (says) problems.push({ path: [...here, 'groups', group], says: `\`automation.${name}.fleetlock.groups.${group}\` ${says}` });
  }
  for (const [id, host] of Object.entries(fleetlock.hosts ?? {})) {
    if (complete && !fleet.hosts.has(host))
      problems.push({ path: [...here, 'hosts', id], says: `\`automation.${name}.fleetlock.hosts.${id}\`: there is no host \`${host}\`` });
  }
  return problems;
}
