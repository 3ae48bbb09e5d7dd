import type { Facts } from '../fleet/host.ts';

/** What updates a host by itself, as `source` names it; src/fleet/scripts/parts/sources.sh knows where each stands on a host. */
export const SOURCES = ['apt', 'dnf', 'packagekit', 'snap', 'kernelcare', 'livepatch', 'ksplice', 'image', 'agents', 'cron', 'reboot'] as const;
export type Source = (typeof SOURCES)[number];

/** Sources a check names for certain, by the name its fact `update_agents` has for them. */
const SEEN_BY_CHECK: Partial<Record<Source, string>> = { kernelcare: 'kernelcare', snap: 'snapd', livepatch: 'canonical-livepatch', ksplice: 'ksplice' };

/** Domain ms: what was seen longer ago may have been installed since. */
const FRESH = 24 * 3_600_000;

/**
 * The sources asked that a fresh answer of the host shows it does not have, when that is all of them: there is nothing to pause.
 * Where nothing or too little is known the host is asked itself.
 */
export function lacksAll(
  known: { reach: string; answeredAt?: number; facts: Facts } | undefined,
  sources: readonly string[],
  now: number,
): string[] | undefined {
  if (known?.reach !== 'ok' || known.answeredAt === undefined || now - known.answeredAt > FRESH) return undefined;
  const { update_agents: agents } = known.facts;
  if (sources.length === 0 || !Array.isArray(agents)) return undefined;
  const named = new Set(agents.flatMap((row) => (row && typeof row === 'object' && !Array.isArray(row) ? [row.name] : [])));
  const lacking = sources.every((source) => {
    const name = SEEN_BY_CHECK[source as Source];
    return name !== undefined && !named.has(name);
  });
  return lacking ? [...sources] : undefined;
}

/** `no kernelcare` as the reason a host is left alone. */
export const sayLacks = (sources: readonly string[]): string => `has no ${sources.length > 0 ? sources.join(', no ') : 'updates of its own'}`;
