import type { z } from 'zod';
import { near } from '../fleet/target/nearest.ts';
import type { Path } from './document.ts';
import { editorSchema, type JsonSchema } from './editor-schema.ts';

type Issue = z.core.$ZodIssue;

/** One difference between a file and the schema, in words. */
export interface Difference {
  path: Path;
  /** Whether the key is wrong or what stands behind it. */
  part: 'key' | 'value';
  says: string;
  /** Nothing stands at the path; what lacks it cannot be kept. */
  missing: boolean;
}

/** What one issue of the schema comes to, with paths from the root of the data. */
export function explain(issue: Issue, root: unknown): Difference[] {
  return flatten(issue, [], root);
}

function flatten(issue: Issue, base: Path, root: unknown): Difference[] {
  const path = [...base, ...(issue.path as (string | number)[])];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], part: 'key', says: sayUnknown(key, path), missing: false }));
    case 'invalid_key':
      return [{ path, part: 'key', says: `\`${String(path.at(-1))}\` ${issue.issues[0]?.message ?? 'is no name'}`, missing: false }];
    case 'invalid_union':
      // A union with a sentence of its own says that; otherwise the form that comes nearest is looked into.
      return issue.message === UNION ? flattenUnion(issue, path, root) : [plain(path, issue.message, root)];
    default:
      return [plain(path, issue.message, root)];
  }
}

function plain(path: Path, message: string, root: unknown): Difference {
  const missing = path.length > 0 && valueAt(root, path) === undefined;
  if (!missing) return { path, part: 'value', says: `${sayPath(path)} ${message}`, missing };
  return {
    path,
    part: 'value',
    says: `${sayPath(path.slice(0, -1))} lacks \`${String(path.at(-1))}\`${message === MISSING ? '' : `: it ${message}`}`,
    missing,
  };
}

function flattenUnion(issue: z.core.$ZodIssueInvalidUnion, path: Path, root: unknown): Difference[] {
  const branches = issue.errors.map((errors) => errors.flatMap((error) => flatten(error, path, root)));
  const best = branches.reduce((a, b) => (cost(b, path) < cost(a, path) ? b : a), branches[0] ?? []);
  const forms = formsAt(path);
  const needs = forms.map((form) => `\`${form.needs}\``).join(', ');
  const unknown = best.filter(({ part }) => part === 'key');
  if (forms.length > 0 && best.some(({ missing }) => missing)) {
    const meant = unknown.filter(({ says }) => says.includes('did you mean'));
    return meant.length > 0 ? meant : [{ path, part: 'value', says: `${sayPath(path)} needs one of ${needs}`, missing: false }];
  }
  return best.map((found) => {
    const key = String(found.path.at(-1));
    if (found.part === 'value' || !forms.some(({ keys }) => keys.includes(key))) return found;
    return { ...found, says: `\`${key}\` does not go with what stands beside it: one of ${needs}, each in an entry of its own` };
  });
}

const cost = (branch: Difference[], path: Path): number =>
  branch.reduce((sum, found) => sum + (found.path.length === path.length ? 100 : found.missing || found.part === 'key' ? 10 : 1), 0);

function sayUnknown(key: string, path: Path): string {
  const known = keysAt(path);
  const [meant] = near(key, known, 1);
  if (path[0] === 'defaults' && key.startsWith('ssh.')) return `\`${key}\` is set as \`${key.slice(4)}\` under \`ssh\``;
  const where = path.length === 0 ? '' : ` in ${sayPath(path)}`;
  if (meant) return `\`${key}\` is not known${where}; did you mean \`${meant}\`?`;
  return `\`${key}\` is not known${where}${known.length > 0 && known.length <= 40 ? `; there is ${known.map((one) => `\`${one}\``).join(', ')}` : ''}`;
}

const sayPath = (path: Path): string =>
  path.length === 0
    ? 'the file'
    : `\`${path.reduce<string>((said, step) => (typeof step === 'number' ? `${said}[${step + 1}]` : said ? `${said}.${step}` : step), '')}\``;

const MISSING = 'missing';
const UNION = 'union';

/** What the schema itself has no words for. */
export function inWords(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return MISSING;
      if (issue.input === null) return 'is empty: give a value or take the line out';
      return `must be ${WORDS[issue.expected as string] ?? String(issue.expected)}, is ${sayValue(issue.input)}${issue.expected === 'string' && typeof issue.input !== 'object' ? ': put it in quotes' : ''}`;
    case 'invalid_union':
      return UNION;
    case 'too_small':
      return `must be at least ${String(issue.minimum)}`;
    case 'too_big':
      return `must be at most ${String(issue.maximum)}`;
    default:
      return `is not understood (${issue.code})`;
  }
}

const WORDS: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: '`true` or `false`',
  object: 'a block of `key: value` lines',
  record: 'a block of `key: value` lines',
  array: 'a list',
};

/** Only its kind, never the value: a password may have been written in the wrong place. */
function sayValue(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'a text';
  if (typeof value === 'number') return 'a number';
  return typeof value === 'boolean' ? `\`${value}\`` : 'a block';
}

export const valueAt = (root: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, step) ? (value as Record<string | number, unknown>)[step] : undefined,
    root,
  );

/** One of several forms: the keys it has and the one that makes it. */
interface Form {
  keys: string[];
  needs: string;
}

function formsAt(path: Path): Form[] {
  return schemasAt(path).flatMap((schema) =>
    schema.properties && schema.required?.length ? [{ keys: Object.keys(schema.properties), needs: schema.required[0] as string }] : [],
  );
}

const keysAt = (path: Path): string[] => schemasAt(path).flatMap((schema) => Object.keys(schema.properties ?? {}));

/** The schemas a value at a path may follow; more than one where there are several forms. */
function schemasAt(path: Path): JsonSchema[] {
  const root = editorSchema();
  const forms = (schema: JsonSchema): JsonSchema[] => {
    if (schema.$ref) return forms(root.$defs?.[schema.$ref.split('/').at(-1) as string] ?? {});
    return schema.anyOf ? schema.anyOf.flatMap(forms) : [schema];
  };
  return path.reduce<JsonSchema[]>(
    (schemas, step) =>
      schemas.flatMap((schema) => {
        const next = typeof step === 'number' ? schema.items : (schema.properties?.[step] ?? schema.additionalProperties);
        return typeof next === 'object' ? forms(next) : [];
      }),
    forms(root),
  );
}
