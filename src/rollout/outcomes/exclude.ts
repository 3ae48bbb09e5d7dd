import { compareVersions, parseVersion } from '../../fleet/target/versions.ts';
import type { Attribute } from './attributes.ts';
import type { Group } from './groups.ts';

/**
 * Names the bad groups as a target: `@all where xen < 4.6`. Hosts without the attribute are never in it, for a condition
 * on an absent fact does not hold. `undefined` where the bad ones are those without it.
 */
export function excludeBy({ name, kind }: Attribute, groups: readonly Group[], target: string): string | undefined {
  const bad = groups.filter((group) => group.values.length > 0 && group.bad * 2 >= group.of);
  const good = groups.filter((group) => group.values.length > 0 && group.bad * 2 < group.of);
  const values = bad.flatMap((group) => group.values);
  if (values.length === 0) return undefined;
  // `,` has no precedence over `&`: two sites need two rules, and the first is a beginning.
  if (kind === 'site') return `${target} & @${values[0]}`;
  if (kind === 'uptime') return `${target} where uptime ${values[0]}`;
  const goodValues = good.flatMap((group) => group.values);
  return `${target} where ${(kind === 'version' && byVersion(name, values, goodValues)) || oneOf(name, values)}`;
}

/** Below or above a version between the two, the middle of where they part: of 4.2 and 4.11 that is 4.6. */
function byVersion(name: string, bad: readonly string[], good: readonly string[]): string | undefined {
  if ([...bad, ...good].some((value) => !parseVersion(value))) return undefined;
  if (good.length === 0) return `${name} is known`;
  const [lowBad, highBad] = ends(bad);
  const [lowGood, highGood] = ends(good);
  if (order(highBad, lowGood) < 0) return `${name} < ${between(highBad, lowGood)}`;
  return order(highGood, lowBad) < 0 ? `${name} >= ${between(highGood, lowBad)}` : undefined;
}

function between(low: string, high: string): string {
  const [a, b] = [parseVersion(low) ?? [], parseVersion(high) ?? []];
  const at = b.findIndex((number, place) => number !== (a[place] ?? 0));
  const [from, to] = [a[at] ?? 0, b[at] as number];
  return [...b.slice(0, at), Math.max(from + 1, Math.floor((from + to) / 2))].join('.');
}

function ends(values: readonly string[]): [low: string, high: string] {
  const sorted = [...values].sort(order);
  return [sorted[0] as string, sorted.at(-1) as string];
}

const order = (a: string, b: string): number => compareVersions(a, b) ?? 0;

function oneOf(name: string, values: readonly string[]): string {
  const quoted = values.map((value) => (/^[\w.-]+$/.test(value) ? value : `"${value.replaceAll('"', '')}"`));
  return quoted.length === 1 ? `${name} = ${quoted[0]}` : `${name} in (${quoted.join(', ')})`;
}
