import { Refusal } from '../../lib/refusal.ts';
import type { Operand, Operator, Step } from './expression.ts';
import { foldNames } from './fold.ts';
import { nearest } from './nearest.ts';
import { countNames, expandPattern } from './pattern.ts';
import { matchesWildcard } from './wildcard.ts';

/** Names that one range, or one target, may stand for. Four times the largest fleet we know. */
const MOST_NAMES = 20_000;
/** Wildcards are held against every host. */
const MOST_WILDCARDS = 64;

/** What names mean: hosts in inventory order, groups, and the live sets that were looked up. */
export interface Names {
  hosts: readonly string[];
  groups: ReadonlyMap<string, readonly string[]>;
  live: ReadonlyMap<string, readonly string[]>;
  /** Live sets that exist, for "did you mean". */
  liveNames: readonly string[];
}

/**
 * The hosts that the steps name, taken left to right, in inventory order, each once; the result may be empty. Throws
 * `Refusal` with every name nobody knows: a typing error in what is taken away is as dangerous as one in what is added.
 */
export function selectHosts(steps: readonly Step[], names: Names): string[] {
  const index = indexOf(names.hosts);
  const chosen = new Uint8Array(names.hosts.length);
  const scratch = new Uint8Array(names.hosts.length);
  const seen = new Map<string, Uint32Array>();
  const unknown: Unknown[] = [];
  const budget = { names: MOST_NAMES, wildcards: MOST_WILDCARDS };
  for (const { operator, operand } of steps) {
    let members = seen.get(operand.text);
    if (!members) {
      members = membersOf(operand, names, index, unknown, budget);
      seen.set(operand.text, members);
    }
    apply(operator, chosen, members, scratch);
  }
  if (unknown.length > 0) {
    throw new Refusal(
      unknown
        .slice(0, 5)
        .map((one) => sayUnknown(one, names))
        .join('\n'),
    );
  }
  return names.hosts.filter((_, at) => chosen[at] === 1);
}

/** Names nobody knows, and what else the same operand did find. */
interface Unknown {
  operand: Operand;
  missing: string[];
  found: number[];
}

// Ten kilobytes of operators over 5,000 hosts are ten million steps: plain loops, no allocation.
function apply(operator: Operator, chosen: Uint8Array, members: Uint32Array, scratch: Uint8Array): void {
  if (operator === '&') {
    scratch.fill(0);
    for (let nth = 0; nth < members.length; nth++) scratch[members[nth] as number] = 1;
    for (let at = 0; at < chosen.length; at++) (chosen[at] as number) &= scratch[at] as number;
    return;
  }
  for (let nth = 0; nth < members.length; nth++) {
    const at = members[nth] as number;
    chosen[at] = operator === ',' ? 1 : operator === '!' ? 0 : 1 - (chosen[at] as number);
  }
}

/** Groups the steps name that the inventory does not have: live sets, or mistakes. */
export function groupsNotIn(groups: ReadonlyMap<string, unknown>, steps: readonly Step[]): string[] {
  const missing = new Set<string>();
  for (const { operand } of steps) {
    if (operand.kind !== 'group') continue;
    refuseTooMany(operand);
    for (const name of expandPattern(operand.pattern)) {
      if (name !== '*' && knownAs(name, groups) === undefined) missing.add(name);
    }
    if (missing.size > MOST_LIVE) throw new Refusal(`The target names more than ${MOST_LIVE} groups that are not in the inventory.`);
  }
  return [...missing];
}

const MOST_LIVE = 100;

interface Index {
  at: ReadonlyMap<string, number>;
}

// Inventories are replaced as one, so the list of names identifies them.
const indexes = new WeakMap<readonly string[], Index>();

function indexOf(hosts: readonly string[]): Index {
  let index = indexes.get(hosts);
  if (!index) {
    index = { at: new Map(hosts.map((name, at) => [name, at])) };
    indexes.set(hosts, index);
  }
  return index;
}

function membersOf(operand: Operand, names: Names, { at }: Index, unknown: Unknown[], budget: { names: number; wildcards: number }): Uint32Array {
  refuseTooMany(operand);
  budget.names -= countNames(operand.pattern);
  if (budget.names < 0) throw new Refusal(`The target lists more than ${MOST_NAMES} names. Name groups instead.`);
  const members = new Set<number>();
  const missing: string[] = [];
  for (const name of expandPattern(operand.pattern)) {
    if (operand.kind === 'wildcard') {
      if (--budget.wildcards < 0) throw new Refusal(`The target has more than ${MOST_WILDCARDS} wildcards. Name groups instead.`);
      const found = names.hosts.flatMap((host, nth) => (matchesWildcard(name, host) ? [nth] : []));
      if (found.length === 0) missing.push(name);
      for (const nth of found) members.add(nth);
    } else if (operand.kind === 'group') {
      const group = membersOfGroup(name, names);
      if (!group) missing.push(name);
      for (const host of group ?? []) {
        const nth = at.get(host);
        if (nth !== undefined) members.add(nth);
      }
    } else {
      const known = knownAs(name, at);
      if (known === undefined) missing.push(name);
      else members.add(at.get(known) as number);
    }
  }
  if (missing.length > 0) unknown.push({ operand, missing, found: [...members] });
  return Uint32Array.from(members);
}

function membersOfGroup(name: string, names: Names): readonly string[] | undefined {
  if (name === '*') return names.hosts;
  const known = knownAs(name, names.groups);
  return known === undefined ? names.live.get(name) : names.groups.get(known);
}

/** Phones begin a line with a capital, so a name is taken in any case; the exact one goes first. */
function knownAs(name: string, known: ReadonlyMap<string, unknown>): string | undefined {
  if (known.has(name)) return name;
  const lower = name.toLowerCase();
  return known.has(lower) ? lower : undefined;
}

function refuseTooMany(operand: Operand): void {
  const count = countNames(operand.pattern);
  if (count <= MOST_NAMES) return;
  throw new Refusal(
    `"${clip(operand.text)}" at column ${operand.column} stands for ${count.toLocaleString('en')} names; at most ${MOST_NAMES.toLocaleString('en')} are read. Shorten the range, or name a group.`,
  );
}

function sayUnknown({ operand, missing, found }: Unknown, names: Names): string {
  const sign = operand.kind === 'group' ? '@' : '';
  const say = clip(missing.length === 1 ? sign + missing[0] : sign + foldNames(missing), 120);
  const close = suggest(operand.kind, missing[0] as string, found, names);
  return `No host matches "${say}". ${close ? `Did you mean ${close}? ` : ''}${sayKnown(operand.kind, names)}`;
}

function suggest(kind: Operand['kind'], name: string, found: number[], names: Names): string {
  if (found.length > 0 && kind === 'host') return clip(foldNames(found.map((at) => names.hosts[at] as string)), 80);
  const groups = [...names.groups.keys(), ...names.liveNames].map((group) => `@${group}`);
  // A group typed without its sign is the likeliest slip of all.
  if (kind === 'host' && (names.groups.has(name) || names.liveNames.includes(name))) return `@${name}`;
  const bare = name.replace(/[*?]/g, '');
  const known = kind === 'group' ? groups : [...names.hosts, ...groups];
  const near = nearest(kind === 'group' ? `@${bare}` : bare, known);
  return near.length > 1 ? `${near.slice(0, -1).join(', ')} or ${near.at(-1)}` : (near[0] ?? '');
}

function sayKnown(kind: Operand['kind'], names: Names): string {
  const groups = [...names.groups.keys(), ...names.liveNames].map((group) => `@${group}`);
  const listed = groups.slice(0, 12).join(' ') + (groups.length > 12 ? ` and ${groups.length - 12} more` : '');
  if (kind === 'group') return `The groups are ${listed}.`;
  return `The inventory has ${names.hosts.length} hosts; the groups are ${listed}.`;
}

const clip = (text: string, most = 40): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
