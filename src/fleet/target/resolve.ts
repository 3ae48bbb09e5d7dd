import { Refusal } from '../../lib/refusal.ts';
import type { Fleet, Targets } from '../fleet.ts';
import type { Host, HostState } from '../host.ts';
import type { Condition } from './condition.ts';
import type { TargetExpression } from './expression.ts';
import { askableFacts, factOf } from './facts.ts';
import { prepareCondition } from './judge.ts';
import { parseTarget } from './parse.ts';
import { groupsNotIn, selectHosts } from './select.ts';

/** What a target is resolved against. */
export interface TargetWorld {
  fleet: Fleet;
  /** Host names of a live set (`down`, `R1:failed`, `INC-1`, `owner:ada`), `undefined` when there is none of that name. */
  live(name: string): Promise<readonly string[] | undefined>;
  /** Latest state of these hosts; asked only when there is a `where`. */
  known(hosts: readonly string[]): Promise<Map<string, HostState>>;
  /** Live sets that exist now, for "did you mean". */
  liveNames?(): Promise<readonly string[]>;
}

/** The hosts a target names, in inventory order, each once. Throws `Refusal`: unreadable, unknown name, nothing matches. */
export async function resolveTarget(expression: string | TargetExpression, world: TargetWorld): Promise<Targets> {
  const { text, steps, where } = typeof expression === 'string' ? parseTarget(expression) : expression;
  const { fleet } = world;
  const live = new Map<string, readonly string[]>();
  await Promise.all(
    groupsNotIn(fleet.groups, steps).map(async (name) => {
      const hosts = await world.live(name);
      if (hosts) live.set(name, hosts);
    }),
  );
  const select = (liveNames: readonly string[]): string[] => selectHosts(steps, { hosts: hostNames(fleet), groups: fleet.groups, live, liveNames });
  let names: string[];
  try {
    names = select([]);
  } catch (refusal) {
    if (!(refusal instanceof Refusal) || !world.liveNames) throw refusal;
    // Said again, with what else there is.
    names = select(await world.liveNames());
  }
  const hosts = names.map((name) => fleet.hosts.get(name) as Host);
  if (hosts.length === 0) throw new Refusal(`"${clip(text)}" matches none of ${sayHosts(fleet.hosts.size)}.`);
  return { expression: text, hosts: where ? await keepWhere(text, hosts, where, world) : hosts };
}

async function keepWhere(text: string, hosts: Host[], where: Condition, world: TargetWorld): Promise<Host[]> {
  const judge = prepareCondition(where, askableFacts(world.fleet));
  const states = await world.known(hosts.map((host) => host.name));
  let unsaid = 0;
  const kept = hosts.filter((host) => {
    const verdict = judge((fact) => factOf(fact, host, states.get(host.name)));
    if (verdict === undefined) unsaid++;
    return verdict === true;
  });
  if (kept.length > 0) return kept;
  const why = unsaid === 0 ? '' : ` For ${unsaid} of them the facts are not known: check them first, or ask "is absent".`;
  throw new Refusal(`"${clip(text)}" matches none of ${sayHosts(hosts.length)}.${why}`);
}

const namesOf = new WeakMap<Fleet, readonly string[]>();

function hostNames(fleet: Fleet): readonly string[] {
  let names = namesOf.get(fleet);
  if (!names) {
    names = [...fleet.hosts.keys()];
    namesOf.set(fleet, names);
  }
  return names;
}

const sayHosts = (count: number): string => (count === 1 ? '1 host' : `${count} hosts`);

const clip = (text: string): string => (text.length > 120 ? `${text.slice(0, 119)}…` : text);
