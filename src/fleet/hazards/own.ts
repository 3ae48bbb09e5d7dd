import type { Facts, Host, Severity } from '../host.ts';
import { type Condition, parseCondition } from '../target/condition.ts';
import { type AskedKind, askableFacts, factOf } from '../target/facts.ts';
import { prepareCondition } from '../target/judge.ts';
import type { Hazard } from './hazard.ts';
import { ownHazard } from './judge.ts';

/** A hazard as holdfast.yaml writes it; `when` is what stands after `where`. */
export interface OwnHazard {
  name: string;
  severity: Severity;
  text: string;
  when: string;
}

/**
 * The hazards of a site, made ready for one host. Conditions were held against the fleet when the configuration was
 * read; throws `Refusal` for one that has become wrong since.
 */
export function ownHazards(entries: readonly OwnHazard[], host: Host): Hazard[] {
  if (entries.length === 0) return [];
  const alone = askableFacts({ hosts: new Map([[host.name, host]]), groups: new Map() });
  return entries.map((entry) => {
    const condition = parseCondition(entry.when, 0);
    const holds = prepareCondition(condition, withAbsent(alone, condition));
    return ownHazard(entry, (facts: Facts) => holds((name) => factOf(name, host, { host: host.name, reach: 'ok', askedAt: 0, facts, findings: [] })));
  });
}

/** Variables that other hosts have and this one does not are absent here, not unknown. */
function withAbsent(kinds: Map<string, AskedKind>, condition: Condition): Map<string, AskedKind> {
  const all = new Map(kinds);
  for (const name of factsNamed(condition)) {
    const spellings = [name, name.toLowerCase(), name.toLowerCase().replace(/-/g, '_')];
    if (!spellings.some((one) => all.has(one))) all.set(name, { type: 'var' });
  }
  return all;
}

function factsNamed(condition: Condition): string[] {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.parts.flatMap(factsNamed);
    case 'not':
      return factsNamed(condition.part);
    default:
      return [condition.fact];
  }
}
