import type { FactValue } from '../host.ts';
import type { Variables } from './draft.ts';

/**
 * Fills in `{{ other_variable }}`, which is all of Ansible's templates that can be read without Ansible. `undefined`
 * when there is more to it.
 */
export function fillIn(value: FactValue, host: string, vars: Variables, depth = 0): FactValue | undefined {
  if (typeof value !== 'string' || !/\{[{%]/.test(value)) return value;
  if (depth > 8 || value.includes('{%')) return undefined;
  let complete = true;
  const filled = value.replace(/\{\{\s*([^{}]*?)\s*\}\}/g, (_, name: string) => {
    const other = name === 'inventory_hostname' ? host : name === 'inventory_hostname_short' ? host.split('.')[0] : vars.get(name)?.value;
    const plain = other === undefined ? undefined : fillIn(other, host, vars, depth + 1);
    if (plain === undefined || typeof plain === 'object') complete = false;
    return String(plain);
  });
  return complete && !/\{[{%]/.test(filled) ? filled : undefined;
}
