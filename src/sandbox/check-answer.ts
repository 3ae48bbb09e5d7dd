import { FACTS, type FactKind } from '../fleet/facts/catalogue.ts';
import type { Facts, FactValue } from '../fleet/host.ts';

/** Facts in the words of `check` v1 (src/fleet/scripts/check.sh says the contract); what is absent has no line. */
export function checkAnswer(facts: Facts): string {
  const lines = Object.entries(FACTS).flatMap(([name, kind]) => {
    const value = facts[name];
    return value === undefined || kind.derived ? [] : linesOf(name, kind, value);
  });
  return `${[...lines, 'end=check v1'].join('\n')}\n`;
}

function linesOf(name: string, kind: FactKind, value: FactValue): string[] {
  if (kind.type === 'list' || kind.type === 'table') {
    const mark = kind.type === 'list' ? '[]' : '{}';
    const items = (value as FactValue[]).map((item) => `${name}${mark}=${kind.type === 'list' ? item : JSON.stringify(item)}`);
    return items.length > 0 ? items : [`${name}${mark}=`];
  }
  return [`${name}=${kind.type === 'yesno' ? (value ? 'yes' : 'no') : value}`];
}
