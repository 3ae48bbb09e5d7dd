import { FACTS } from '../../fleet/facts/catalogue.ts';
import type { FactValue } from '../../fleet/host.ts';
import type { TouchedHost } from './touched.ts';

export interface Attribute {
  name: string;
  kind: 'version' | 'text' | 'uptime' | 'site';
  /** `undefined` = absent, which is a group of its own and never a zero. */
  of(host: TouchedHost): string | undefined;
}

/** What hosts may be told apart by: facts of kinds that can matter, inventory variables, the site. */
export function attributesOf(hosts: readonly TouchedHost[]): Attribute[] {
  const names = new Set(hosts.flatMap(({ facts }) => Object.keys(facts)));
  const found: Attribute[] = [];
  for (const name of names) {
    const kind = kindOf(name);
    if (kind) found.push({ name, kind, of: ({ facts }) => sayValue(facts[name]) });
  }
  if (hosts.some(({ site }) => site !== undefined)) found.push({ name: 'site', kind: 'site', of: ({ site }) => site });
  return found;
}

function kindOf(name: string): Attribute['kind'] | undefined {
  if (OWN.has(name)) return undefined;
  if (name === 'uptime') return 'uptime';
  const type = FACTS[name]?.type;
  if (type === 'version') return 'version';
  // An inventory variable is not in the catalogue.
  return type === undefined || type === 'text' || type === 'yesno' || NUMBERS.has(name) ? 'text' : undefined;
}

/** Facts that tell nobody apart, and need not be read for it. */
export const indistinct = (): string[] => Object.keys(FACTS).filter((name) => kindOf(name) === undefined);

/** Each host has its own, or it is what the change itself turned. */
const OWN = new Set([
  'machine_id',
  'boot_id',
  'hostname',
  'instance_id',
  'firewall_hash',
  'routes_hash',
  'mounts_hash',
  'listeners_hash',
  'package_lock',
  'kernel_modules',
]);

/** Numbers that are kinds of machine rather than measures. */
const NUMBERS = new Set(['cpus', 'mem_total_mb', 'kernel_tainted']);

function sayValue(value: FactValue | undefined): string | undefined {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
