import type { Path } from './document.ts';
import { type Difference, explain, inWords, valueAt } from './explain.ts';
import { type Config, ConfigSchema } from './schema.ts';

export interface Shape {
  /** Without what is wrong, so that what refers to each other can be looked at all the same. */
  config: Config;
  problems: Difference[];
  /** The path in the file of a path in `config`: list items left out shift those behind them. */
  original(path: Path): Path;
}

/** Holds plain data against the schema; every difference is said, the rest is kept. */
export function readShape(data: unknown): Shape {
  const problems: Difference[] = [];
  const kept = structuredClone(data);
  const removed: Path[] = [];
  let root: unknown = kept ?? {};
  // Each pass removes at least one value; what comes to light only then is a consequence and is not said.
  for (let pass = 0; pass < 20; pass++) {
    const read = ConfigSchema.safeParse(root, { error: inWords });
    if (read.success) return { config: read.data, problems, original: (path) => originalPath(path, removed) };
    const found = read.error.issues.flatMap((issue) => explain(issue, root));
    if (pass === 0) problems.push(...found);
    root = without(root, found, removed);
  }
  return { config: ConfigSchema.parse({}), problems, original: (path) => path };
}

/** Entries whose name others may mention stay, emptied, so that the mention is no second problem. */
const NAMED = new Set(['people', 'hosts', 'groups', 'sites', 'services', 'policies', 'rosters', 'components', 'channels']);

function without(root: unknown, found: Difference[], removed: Path[]): unknown {
  const items: Path[] = [];
  for (const { path, part, missing } of found) {
    const target = missing ? path.slice(0, -1) : path;
    const last = target.at(-1);
    if (last === undefined) return {};
    const holder = valueAt(root, target.slice(0, -1));
    if (typeof holder !== 'object' || holder === null) continue;
    if (Array.isArray(holder)) items.push(target);
    else if (part === 'value' && target.length === 2 && NAMED.has(String(target[0])) && !isEmpty((holder as Record<string, unknown>)[last]))
      (holder as Record<string, unknown>)[last] = {};
    else delete (holder as Record<string | number, unknown>)[last];
  }
  // The deepest first and from the end, so that one removal does not shift the next.
  const byIndex = [...new Map(items.map((path) => [JSON.stringify(path), path])).values()].sort(
    (a, b) => b.length - a.length || Number(b.at(-1)) - Number(a.at(-1)),
  );
  for (const path of byIndex) {
    const holder = valueAt(root, path.slice(0, -1));
    // What held it went in this pass as well.
    if (!Array.isArray(holder)) continue;
    removed.push(originalPath(path, removed));
    holder.splice(Number(path.at(-1)), 1);
  }
  return root;
}

const isEmpty = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.keys(value).length === 0;

function originalPath(path: Path, removed: readonly Path[]): Path {
  const original: (string | number)[] = [];
  for (const step of path) {
    if (typeof step !== 'number') {
      original.push(step);
      continue;
    }
    const gone = removed
      .filter((one) => one.length === original.length + 1 && original.every((part, at) => one[at] === part))
      .map((one) => Number(one.at(-1)))
      .sort((a, b) => a - b);
    original.push(gone.reduce((index, missing) => (missing <= index ? index + 1 : index), step));
  }
  return original;
}
