import type { Problem } from '../../config/problem.ts';
import { near } from '../target/nearest.ts';
import type { FolderVariables } from './ansible-folders.ts';
import type { Draft, DraftGroup, Origin, Variables } from './draft.ts';

/** A host with everything its groups gave it. */
export interface InheritedHost {
  name: string;
  origin: Origin;
  /** With all ancestors, without `all`. */
  groups: string[];
  vars: Variables;
}

/**
 * Variables down the tree, in Ansible's order: groups of the file from `all` to the nearest, then `group_vars/` in the
 * same order, then the host's line, then `host_vars/`. Groups as near as each other are taken in the order of their names.
 */
export function inherit(draft: Draft, folders: FolderVariables): { hosts: InheritedHost[]; groups: string[]; problems: Problem[] } {
  const problems = [...draft.problems, ...undefinedGroups(draft)];
  const parents = parentsOf(draft);
  const depths = depthsOf(draft, parents, problems);
  const direct = new Map<string, string[]>();
  for (const [group, { hosts }] of draft.groups) {
    for (const host of hosts.keys()) direct.set(host, [...(direct.get(host) ?? []), group]);
  }
  const lineages = new Map<string, { groups: string[]; vars: Variables }>();
  const hosts = [...draft.hosts].map(([name, host]) => {
    const own = direct.get(name) ?? [];
    const key = own.join('\n');
    let lineage = lineages.get(key);
    if (!lineage) {
      const groups = ancestors(own, parents).sort((a, b) => (depths.get(a) ?? 0) - (depths.get(b) ?? 0) || (a < b ? -1 : 1));
      lineage = { groups, vars: groupVariables(['all', ...groups], draft.groups, folders) };
      lineages.set(key, lineage);
    }
    const vars = new Map(lineage.vars);
    for (const [variable, one] of host.vars) vars.set(variable, one);
    for (const [variable, one] of folders.hosts.get(name) ?? []) vars.set(variable, one);
    return { name, origin: host.origin, groups: lineage.groups, vars };
  });
  return { hosts, groups: [...draft.groups.keys()].filter((name) => name !== 'all'), problems };
}

function undefinedGroups(draft: Draft): Problem[] {
  const problems: Problem[] = [];
  const defined = [...draft.groups].filter(([, group]) => group.defined).map(([name]) => name);
  const unknown = (name: string): boolean => !draft.groups.get(name)?.defined && name !== 'all' && name !== 'ungrouped';
  for (const [name, group] of draft.groups) {
    for (const [child, origin] of group.children) {
      if (!unknown(child)) continue;
      const meant = near(
        child,
        defined.filter((one) => one !== name),
        1,
      )[0];
      problems.push({ ...origin, says: `Group ${name} has a child ${child}, and there is no such group${meant ? `: did you mean ${meant}?` : '.'}` });
    }
    const isChild = [...draft.groups.values()].some(({ children }) => children.has(name));
    if (unknown(name) && !isChild) {
      problems.push({ ...group.origin, says: `[${name}:vars] sets variables for a group that is nowhere: write [${name}] with its hosts, or mend the name.` });
    }
  }
  return problems;
}

function parentsOf(draft: Draft): Map<string, string[]> {
  const parents = new Map<string, string[]>();
  for (const [name, group] of draft.groups) {
    if (name === 'all') continue;
    for (const child of group.children.keys()) parents.set(child, [...(parents.get(child) ?? []), name]);
  }
  return parents;
}

function ancestors(groups: readonly string[], parents: ReadonlyMap<string, string[]>): string[] {
  const found = new Set<string>();
  const waiting = [...groups];
  for (let group = waiting.pop(); group !== undefined; group = waiting.pop()) {
    if (group === 'all' || found.has(group)) continue;
    found.add(group);
    waiting.push(...(parents.get(group) ?? []));
  }
  return [...found];
}

/** Longest way up. A circle of children is a problem, named once. */
function depthsOf(draft: Draft, parents: ReadonlyMap<string, string[]>, problems: Problem[]): Map<string, number> {
  const depths = new Map<string, number>();
  const onTheWay: string[] = [];
  const visit = (group: string): number => {
    const known = depths.get(group);
    if (known !== undefined) return known;
    const begins = onTheWay.indexOf(group);
    if (begins >= 0) {
      const circle = [...onTheWay.slice(begins), group].reverse();
      const origin = (draft.groups.get(circle[0] as string) as DraftGroup).children.get(circle[1] as string);
      problems.push({ ...(origin as Origin), says: `Groups are children of each other in a circle: ${circle.join(' → ')}. Take one of them out.` });
      return 0;
    }
    onTheWay.push(group);
    const depth = 1 + Math.max(0, ...(parents.get(group) ?? []).map(visit));
    onTheWay.pop();
    depths.set(group, depth);
    return depth;
  };
  for (const group of draft.groups.keys()) visit(group);
  return depths;
}

function groupVariables(groups: readonly string[], drafted: ReadonlyMap<string, DraftGroup>, folders: FolderVariables): Variables {
  const vars: Variables = new Map();
  for (const group of groups) for (const [name, one] of drafted.get(group)?.vars ?? []) vars.set(name, one);
  for (const group of groups) for (const [name, one] of folders.groups.get(group) ?? []) vars.set(name, one);
  return vars;
}
