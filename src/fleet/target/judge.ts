import { Refusal } from '../../lib/refusal.ts';
import type { FactValue } from '../host.ts';
import { comparer } from './compare.ts';
import type { Condition } from './condition.ts';
import type { AskedKind } from './facts.ts';
import { nearest } from './nearest.ts';

/** `undefined` = cannot be said: a fact is absent. */
export type Verdict = boolean | undefined;

/**
 * A condition made ready to be held against hosts; `factOf` gives a fact of the host in question. A comparison with an
 * absent fact can be said neither way, so that `not uptime > 200d` does not take a host whose uptime nobody knows. Throws
 * `Refusal`: unknown fact, a value that does not fit the fact.
 */
export function prepareCondition(condition: Condition, kinds: ReadonlyMap<string, AskedKind>): (factOf: (name: string) => FactValue | undefined) => Verdict {
  switch (condition.kind) {
    case 'and':
    case 'or': {
      const parts = condition.parts.map((part) => prepareCondition(part, kinds));
      const decisive = condition.kind === 'or';
      return (factOf) => {
        let verdict: Verdict = !decisive;
        for (const part of parts) {
          const one = part(factOf);
          if (one === decisive) return decisive;
          if (one === undefined) verdict = undefined;
        }
        return verdict;
      };
    }
    case 'not': {
      const part = prepareCondition(condition.part, kinds);
      return (factOf) => {
        const verdict = part(factOf);
        return verdict === undefined ? undefined : !verdict;
      };
    }
    case 'known':
    case 'absent': {
      const { name } = find(condition.fact, condition.column, kinds);
      const wanted = condition.kind === 'known';
      return (factOf) => (factOf(name) !== undefined) === wanted;
    }
    case 'compare': {
      const { name, kind } = find(condition.fact, condition.column, kinds);
      const compare = comparer(condition, kind);
      return (factOf) => {
        const value = factOf(name);
        return value === undefined ? undefined : compare(value);
      };
    }
  }
}

function find(fact: string, column: number, kinds: ReadonlyMap<string, AskedKind>): { name: string; kind: AskedKind } {
  for (const name of [fact, fact.toLowerCase(), fact.toLowerCase().replace(/-/g, '_')]) {
    const kind = kinds.get(name);
    if (kind) return { name, kind };
  }
  const near = nearest(fact, kinds.keys());
  const clipped = fact.length > 40 ? `${fact.slice(0, 39)}…` : fact;
  throw new Refusal(`No fact is called "${clipped}" (column ${column}). Did you mean ${near.join(' or ')}?`);
}
