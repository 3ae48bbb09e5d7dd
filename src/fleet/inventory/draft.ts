import type { Problem } from '../../config/problem.ts';
import type { FactValue } from '../host.ts';

/** Where something was written, for the problem that names it. */
export interface Origin {
  file: string;
  line?: number;
  column?: number;
}

export interface Variable {
  value: FactValue;
  origin: Origin;
}
export type Variables = Map<string, Variable>;

/** One Ansible inventory as it is written: nothing inherited yet. */
export interface Draft {
  hosts: Map<string, { origin: Origin; vars: Variables }>;
  groups: Map<string, DraftGroup>;
  problems: Problem[];
}

export interface DraftGroup {
  origin: Origin;
  hosts: Map<string, Origin>;
  children: Map<string, Origin>;
  vars: Variables;
  /** A section or entry of its own was seen, not only the name under another group's children. */
  defined: boolean;
}

export function newDraft(): Draft {
  return { hosts: new Map(), groups: new Map(), problems: [] };
}

export function draftGroup(draft: Draft, name: string, origin: Origin, defined = true): DraftGroup {
  let group = draft.groups.get(name);
  if (!group) {
    group = { origin, hosts: new Map(), children: new Map(), vars: new Map(), defined };
    draft.groups.set(name, group);
  }
  if (defined && !group.defined) {
    group.defined = true;
    group.origin = origin;
  }
  return group;
}

export function draftHost(draft: Draft, name: string, origin: Origin): { origin: Origin; vars: Variables } {
  let host = draft.hosts.get(name);
  if (!host) {
    host = { origin, vars: new Map() };
    draft.hosts.set(name, host);
  }
  return host;
}

/** A later value takes the place of an earlier one, as in Ansible; where that would send us to another machine it is a problem. */
export function setVariable(draft: Draft, host: string, vars: Variables, name: string, variable: Variable): void {
  const before = vars.get(name);
  if (before && DECIDES_WHERE.has(name) && String(before.value) !== String(variable.value)) {
    draft.problems.push({
      ...variable.origin,
      says: `${host} has ${name} ${variable.value} here and ${before.value} ${sayOrigin(before.origin, variable.origin)}: keep one of them.`,
    });
  }
  vars.set(name, variable);
}

const DECIDES_WHERE = new Set(['ansible_host', 'ansible_ssh_host', 'ansible_port', 'ansible_user', 'site', 'ring', 'parent']);

/** `in line 12`, or `in hosts.yml:12` when that is another file. */
export function sayOrigin(origin: Origin, from: Origin): string {
  if (origin.file !== from.file) return `in ${origin.file}${origin.line ? `:${origin.line}` : ''}`;
  return origin.line ? `in line ${origin.line}` : 'elsewhere in it';
}
