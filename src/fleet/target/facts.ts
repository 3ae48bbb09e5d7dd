import { FACTS, type FactKind } from '../facts/catalogue.ts';
import type { Fleet } from '../fleet.ts';
import type { Facts, FactValue, Host, HostState } from '../host.ts';

/** What `where` may ask of a fact; `var` = an inventory variable, whose values say what they are. */
export type AskedKind = { type: FactKind['type'] | 'var'; unit?: 's' | 'ms' };

/** Known before anything was asked: what the inventory itself says about a host. */
const OF_THE_HOST: Record<string, AskedKind & { of: (host: Host, state?: HostState) => FactValue | undefined }> = {
  name: { type: 'text', of: (host) => host.name },
  address: { type: 'text', of: (host) => host.address },
  port: { type: 'number', of: (host) => host.port },
  user: { type: 'text', of: (host) => host.user },
  site: { type: 'text', of: (host) => host.site },
  ring: { type: 'text', of: (host) => host.ring },
  parent: { type: 'text', of: (host) => host.parent },
  groups: { type: 'list', of: (host) => host.groups },
  redundancy: { type: 'list', of: (host) => host.redundancy },
  alert_path: { type: 'yesno', of: (host) => host.alertPath ?? false },
  reach: { type: 'text', of: (_, state) => state?.reach },
  findings: { type: 'list', of: (_, state) => state?.findings.map((finding) => finding.hazard) },
};

const byFleet = new WeakMap<Fleet, Map<string, AskedKind>>();

/** Every fact `where` may name for this fleet: the catalogue, the inventory's variables, and what a host itself has. */
export function askableFacts(fleet: Fleet): Map<string, AskedKind> {
  let kinds = byFleet.get(fleet);
  if (kinds) return kinds;
  kinds = new Map();
  for (const host of fleet.hosts.values()) for (const name of Object.keys(host.vars)) kinds.set(name, { type: 'var' });
  for (const [name, kind] of Object.entries(FACTS)) kinds.set(name, kind.unit ? { type: kind.type, unit: kind.unit } : { type: kind.type });
  for (const [name, { type }] of Object.entries(OF_THE_HOST)) kinds.set(name, { type });
  byFleet.set(fleet, kinds);
  return kinds;
}

/** One fact of one host; observed facts go before inventory variables. `undefined` = absent. */
export function factOf(name: string, host: Host, state: HostState | undefined): FactValue | undefined {
  const own = Object.hasOwn(OF_THE_HOST, name) ? OF_THE_HOST[name] : undefined;
  if (own) return own.of(host, state);
  return valueIn(state?.facts, name) ?? valueIn(host.vars, name);
}

const valueIn = (facts: Facts | undefined, name: string): FactValue | undefined =>
  facts && Object.hasOwn(facts, name) ? (facts[name] ?? undefined) : undefined;
