import type { Fleet } from '../fleet/fleet.ts';
import type { Host, HostState } from '../fleet/host.ts';
import type { Condition } from '../fleet/target/condition.ts';
import { askableFacts, factOf } from '../fleet/target/facts.ts';
import { prepareCondition } from '../fleet/target/judge.ts';
import { parseTarget } from '../fleet/target/parse.ts';
import { selectHosts } from '../fleet/target/select.ts';
import { Refusal } from '../lib/refusal.ts';

/** Which hosts a rule is about, as things stand. */
export interface Match {
  /** Those it holds for. */
  hosts: ReadonlySet<string>;
  /** Named by it, and a fact it asks for is absent: it says nothing of them, neither yes nor as if it were 0. */
  absent: readonly string[];
  /** It cannot be read any more (a group is gone from the inventory): it then holds for every host asked about, until a person looks. */
  unreadable?: string;
}

/** Pure. `states` = what is known of `hosts`, at least the facts that `factsOf(expression)` names. */
export function matchRule(expression: string, hosts: readonly Host[], fleet: Fleet, states: ReadonlyMap<string, HostState>): Match {
  try {
    const { steps, where } = parseTarget(expression);
    const named = new Set(selectHosts(steps, { hosts: [...fleet.hosts.keys()], groups: fleet.groups, live: new Map(), liveNames: [] }));
    const asked = hosts.filter(({ name }) => named.has(name));
    if (!where) return { hosts: new Set(asked.map(({ name }) => name)), absent: [] };
    const judge = prepareCondition(where, askableFacts(fleet));
    const holds = new Set<string>();
    const absent: string[] = [];
    for (const host of asked) {
      const verdict = judge((fact) => factOf(fact, host, states.get(host.name)));
      if (verdict === true) holds.add(host.name);
      else if (verdict === undefined) absent.push(host.name);
    }
    return { hosts: holds, absent };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { hosts: new Set(hosts.map(({ name }) => name)), absent: [], unreadable: error.message };
  }
}

/** Every host a rule names, whatever its `where` says of it now. Throws Refusal where a name is none any more. */
export function namedBy(expression: string, fleet: Fleet): string[] {
  return selectHosts(parseTarget(expression).steps, { hosts: [...fleet.hosts.keys()], groups: fleet.groups, live: new Map(), liveNames: [] });
}

/** The facts a rule asks for, as typed. */
export function factsTyped(expression: string): string[] {
  try {
    const { where } = parseTarget(expression);
    return where ? [...new Set(namesIn(where))] : [];
  } catch (error) {
    if (error instanceof Refusal) return [];
    throw error;
  }
}

/** Names under which they may be kept, so that no more than these are read for 5,000 hosts. */
export const factsAsked = (expression: string): string[] => [
  ...new Set(factsTyped(expression).flatMap((typed) => [typed, typed.toLowerCase(), typed.toLowerCase().replace(/-/g, '_')])),
];

function namesIn(condition: Condition): string[] {
  if ('parts' in condition) return condition.parts.flatMap(namesIn);
  return condition.kind === 'not' ? namesIn(condition.part) : [condition.fact];
}
