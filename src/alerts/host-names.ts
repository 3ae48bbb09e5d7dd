import type { Fleet } from '../fleet/fleet.ts';

/**
 * Hosts of the inventory that other systems mean: by name, by address, short or in full, with a port behind it or as part of an address of the
 * web (`web01.example.org:9100`, `https://web01/`). A name that fits several hosts is nobody's.
 */
export function hostsNamed(fleet: Fleet, names: readonly string[]): { known: string[]; unknown: string[] } {
  const index = indexOf(fleet);
  const known = new Set<string>();
  const unknown: string[] = [];
  for (const name of names) {
    const host = spellings(name)
      .map((spelling) => index.get(spelling))
      .find((found) => found !== undefined);
    if (host == null) unknown.push(name);
    else known.add(host);
  }
  return { known: [...known], unknown };
}

/** As it stands, without what is around it, and by its first label. */
function spellings(said: string): string[] {
  const text = said.trim().toLowerCase();
  const bare = text
    .replace(/^[a-z][a-z0-9+.-]*:\/\//, '')
    .replace(/[/?#].*$/, '')
    .replace(/^\[([^\]]*)\](?::\d+)?$/, '$1')
    .replace(/^([^:]*):\d+$/, '$1')
    .replace(/\.$/, '');
  return [text, bare, ...(isNumber(bare) ? [] : [`${firstLabel(bare)}.`])];
}

/** By name and address; by first label with a dot behind it, which no name has. `null` = of several. */
function indexOf(fleet: Fleet): ReadonlyMap<string, string | null> {
  const before = indexes.get(fleet);
  if (before) return before;
  const index = new Map<string, string | null>();
  const put = (key: string, host: string): void => void index.set(key, index.has(key) && index.get(key) !== host ? null : host);
  for (const { name, address } of fleet.hosts.values()) {
    // Behind one address of a jump host or of the sandbox stand many.
    if (!isLoopback(address)) put(address.toLowerCase(), name);
    if (!isNumber(name)) put(`${firstLabel(name.toLowerCase())}.`, name);
  }
  for (const name of fleet.hosts.keys()) index.set(name.toLowerCase(), name);
  indexes.set(fleet, index);
  return index;
}

const indexes = new WeakMap<Fleet, ReadonlyMap<string, string | null>>();

const firstLabel = (name: string): string => name.split('.')[0] ?? name;

const isNumber = (name: string): boolean => /^[\d.]+$/.test(name) || name.includes(':');

const isLoopback = (address: string): boolean => /^(?:127\.|::1$|localhost$)/.test(address);
