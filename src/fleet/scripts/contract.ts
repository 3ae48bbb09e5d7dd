import { type Column, FACTS, type FactKind } from '../facts/catalogue.ts';

/** What every answer carries, on every host: without these a check says nothing. */
export const ALWAYS = ['boot_id', 'hostname', 'kernel', 'arch', 'uptime', 'host_time', 'check_ms'] as const;
export const LONGEST_VALUE = 500;
export const LONGEST_LIST = 40;

/**
 * Holds an answer of the script `check` against its output contract (top of check.sh) and the catalogue; the real
 * script and the sandbox's host model must both come back without a word. One sentence per violation.
 */
export function checkContract(stdout: string): string[] {
  const wrong: string[] = [];
  const lines = stdout.split('\n');
  if (lines.pop() !== '') wrong.push('the last line has no newline');
  if (lines.at(-1) !== 'end=check v1') wrong.push('the last line is not `end=check v1`');
  else lines.pop();

  const forms = new Map<string, string>();
  const counts = new Map<string, number>();
  for (const [at, line] of lines.entries()) {
    const say = (what: string): void => void wrong.push(`line ${at + 1}: ${what}: ${JSON.stringify(line.slice(0, 120))}`);
    const match = /^([a-z][a-z0-9_]*)(\[\]|\{\}|\?)?=(.*)$/s.exec(line);
    if (!match) {
      say('is no `key=value`, `key[]=`, `key{}=` or `key?=`');
      continue;
    }
    const [, key, form = '', value] = match as unknown as [string, string, string | undefined, string];
    const kind = Object.hasOwn(FACTS, key) ? FACTS[key] : undefined;
    if (/[\u0000-\u001f\u007f]/.test(line)) say('has a control character');
    if (value.length > LONGEST_VALUE) say(`is longer than ${LONGEST_VALUE}`);
    if (!kind || kind.derived) {
      say(kind ? 'is worked out by Holdfast, never printed' : 'is not in the catalogue');
      continue;
    }
    if (forms.has(key) && (forms.get(key) !== form || form === '' || form === '?')) say('contradicts or repeats an earlier line');
    forms.set(key, form);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    if (count === LONGEST_LIST + 1) say(`is past ${LONGEST_LIST} items`);
    const problem = form === '?' ? reasonProblem(value) : valueProblem(kind, form, value);
    if (problem) say(problem);
  }
  for (const key of ALWAYS) if (forms.get(key) !== '') wrong.push(`${key} is missing`);
  return wrong;
}

function reasonProblem(reason: string): string | undefined {
  return /^(root|timeout|failed \d+)$/.test(reason) ? undefined : 'gives a reason that is none of root, timeout, failed N';
}

function valueProblem(kind: FactKind, form: string, value: string): string | undefined {
  if (kind.type === 'list') return form === '[]' ? undefined : 'should be a list item';
  if (kind.type === 'table') return form === '{}' ? (value === '' ? undefined : rowProblem(kind, value)) : 'should be a table row';
  if (form !== '') return 'should be a scalar';
  if (value === '') return 'is empty';
  if ((kind.type === 'number' || kind.type === 'time') && !/^-?\d+(\.\d+)?$/.test(value)) return 'is not a number';
  if (kind.type === 'yesno' && value !== 'yes' && value !== 'no') return 'is neither yes nor no';
  if (kind.type === 'version' && !/\d/.test(value)) return 'is no version';
  return undefined;
}

function rowProblem(kind: FactKind, value: string): string | undefined {
  const row = objectOf(value);
  if (!row) return 'is no JSON object';
  const columns = kind.columns ?? {};
  for (const key of Object.keys(row)) if (!Object.hasOwn(columns, key)) return `has the unknown column ${key}`;
  for (const [key, column] of Object.entries(columns)) {
    if (!Object.hasOwn(row, key)) {
      if (!column.endsWith('?')) return `lacks the column ${key}`;
    } else if (!isOf(column, row[key])) return `has ${key} that is no ${column.replace('?', '')}`;
  }
  return undefined;
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Times stand in rows as in scalars: seconds since 1970, a number. */
function isOf(column: Column, value: unknown): boolean {
  if (column.startsWith('text')) return typeof value === 'string';
  if (column.startsWith('yesno')) return typeof value === 'boolean';
  return typeof value === 'number' && Number.isFinite(value);
}
