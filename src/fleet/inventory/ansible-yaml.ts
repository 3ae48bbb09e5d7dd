import { type Alias, type Document, isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument, visit, type YAMLMap } from 'yaml';
import type { Problem } from '../../config/problem.ts';
import { Refusal } from '../../lib/refusal.ts';
import type { FactValue } from '../host.ts';
import { expandAnsibleRange } from './ansible-range.ts';
import { plainValue } from './ansible-value.ts';
import { type Draft, draftGroup, draftHost, newDraft, type Origin, sayOrigin, setVariable, type Variables } from './draft.ts';

/** An Ansible inventory in YAML form. Never throws: what cannot be read is a problem with line and column. */
export function readAnsibleYaml(text: string, file: string): Draft {
  const draft = newDraft();
  const page = openYaml(text, file, draft.problems);
  if (!page) return draft;
  for (const { key, value, origin } of page.entries(page.root)) readGroup(draft, page, key, value, origin, 0);
  return draft;
}

/** A YAML file of variables (`group_vars/web.yml`). */
export function readVariables(text: string, file: string, problems: Problem[]): Variables {
  const page = openYaml(text, file, problems);
  return page ? variablesOf(page, page.root) : new Map();
}

interface Entry {
  key: string;
  value: Node | null;
  origin: Origin;
}

interface Page {
  root: YAMLMap;
  entries(map: YAMLMap): Entry[];
  origin(node: Node | null | undefined): Origin;
  problem(origin: Origin, says: string): void;
  resolve(node: Node | null): Node | null;
}

function openYaml(text: string, file: string, problems: Problem[]): Page | undefined {
  const lines = new LineCounter();
  // The library compares every key with every other; `entries` below looks for repeated ones itself.
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'silent', uniqueKeys: false });
  const at = (offset: number | undefined): Origin => {
    if (offset === undefined) return { file };
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  for (const error of document.errors) {
    problems.push({
      ...at(error.pos[0]),
      says: `This is no YAML that can be read: ${(error.message.split('\n')[0] as string).replace(/ at line \d+.*$/, '')}.`,
    });
  }
  if (document.errors.length > 0) return undefined;
  if (document.contents === null) return undefined;
  if (!isMap(document.contents)) {
    problems.push({ ...at(document.contents.range?.[0]), says: 'Here stands a mapping (name: …), not a list or a text.' });
    return undefined;
  }
  const origin = (node: Node | null | undefined): Origin => at(node?.range?.[0]);
  const targets = aliasTargets(document);
  let followed = 0;
  const resolve = (node: Node | null): Node | null => {
    if (!isAlias(node)) return node;
    followed += 1;
    if (followed === MOST_ALIASES)
      problems.push({ ...origin(node), says: `More than ${MOST_ALIASES} aliases (*${node.source}) are followed up to here: take some out.` });
    return followed < MOST_ALIASES ? (targets.get(node) ?? null) : null;
  };
  const entries = (map: YAMLMap, depth = 0): Entry[] => {
    const own = new Map<string, Entry>();
    const merged: Entry[] = [];
    for (const pair of map.items) {
      if (!isPair(pair)) continue;
      const keyNode = pair.key as Node;
      const key = isScalar(keyNode) ? String(keyNode.source ?? keyNode.value) : String(keyNode);
      const value = resolve(pair.value as Node | null);
      if (key === '<<' && depth < DEEPEST) {
        for (const one of isSeq(value) ? value.items.map((item) => resolve(item as Node)) : [value]) {
          if (isMap(one)) merged.push(...entries(one as YAMLMap, depth + 1));
        }
        continue;
      }
      const before = own.get(key);
      if (before)
        problems.push({
          ...origin(keyNode),
          says: `${key} stands here and ${sayOrigin(before.origin, before.origin)}: join the two, YAML would keep one only.`,
        });
      own.set(key, { key, value, origin: origin(keyNode) });
    }
    return [...merged.filter(({ key }) => !own.has(key)), ...own.values()];
  };
  return { root: document.contents as YAMLMap, origin, resolve, problem: (where, says) => problems.push({ ...where, says }), entries };
}

/** What each alias stands for; the library would look through the whole file for each of them. */
function aliasTargets(document: Document.Parsed): Map<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, {
    Alias(_, alias) {
      const target = anchors.get(alias.source);
      if (target) targets.set(alias, target);
    },
    Value(_, node) {
      if (node.anchor) anchors.set(node.anchor, node);
    },
  });
  return targets;
}

const DEEPEST = 50;
/** Followed in one file, those within others each time: a few lines of aliases of aliases would never end. */
const MOST_ALIASES = 20_000;

function readGroup(draft: Draft, page: Page, name: string, body: Node | null, origin: Origin, depth: number): void {
  const isEmpty = body === null || (isScalar(body) && body.value === null);
  const group = draftGroup(draft, name, origin, !isEmpty || depth === 0);
  if (isEmpty) return;
  if (!isMap(body) || depth > DEEPEST) {
    page.problem(origin, `Group ${name} holds hosts:, children: and vars:, each a mapping.`);
    return;
  }
  for (const { key, value, origin: where } of page.entries(body as YAMLMap)) {
    if (value === null || (isScalar(value) && value.value === null)) continue;
    if (key !== 'hosts' && key !== 'children' && key !== 'vars') {
      page.problem(where, `Group ${name} has an unknown key ${key}: hosts, children and vars are known.`);
    } else if (!isMap(value)) {
      page.problem(where, `${key} of group ${name} must be a mapping: each name on a line of its own with a colon after it.`);
    } else if (key === 'hosts') readHosts(draft, page, group.hosts, value as YAMLMap);
    else if (key === 'vars') for (const [variable, one] of variablesOf(page, value as YAMLMap)) group.vars.set(variable, one);
    else {
      for (const child of page.entries(value as YAMLMap)) {
        group.children.set(child.key, child.origin);
        readGroup(draft, page, child.key, child.value, child.origin, depth + 1);
      }
    }
  }
}

function readHosts(draft: Draft, page: Page, members: Map<string, Origin>, hosts: YAMLMap): void {
  for (const { key, value, origin } of page.entries(hosts)) {
    const vars = isMap(value) ? variablesOf(page, value as YAMLMap) : new Map();
    try {
      for (const name of expandAnsibleRange(key)) {
        const host = draftHost(draft, name, origin);
        members.set(name, origin);
        for (const [variable, one] of vars) setVariable(draft, name, host.vars, variable, one);
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      page.problem(origin, error.message);
    }
  }
}

function variablesOf(page: Page, map: YAMLMap): Variables {
  const vars: Variables = new Map();
  for (const { key, value, origin } of page.entries(map)) {
    const plain = factOf(page, value, 0);
    if (plain !== undefined) vars.set(key, { value: plain, origin });
  }
  return vars;
}

/** As `plainValue`; a number that would lose its spelling (`4.10`) stays text, and what is encrypted is left out. */
function factOf(page: Page, raw: Node | null, depth: number): FactValue | undefined {
  const node = page.resolve(raw);
  if (node === null || depth > DEEPEST || node.tag === '!vault') return undefined;
  if (isScalar(node)) {
    if (typeof node.value === 'number' && node.source !== undefined && node.source !== String(node.value)) return node.source;
    return plainValue(node.value);
  }
  if (isSeq(node)) return node.items.flatMap((one) => factOf(page, one as Node, depth + 1) ?? []);
  if (!isMap(node)) return undefined;
  const entries = page.entries(node as YAMLMap).flatMap(({ key, value }) => {
    const fact = factOf(page, value, depth + 1);
    return fact === undefined ? [] : [[key, fact] as const];
  });
  return Object.fromEntries(entries);
}
