import type { Facts, FactValue } from '../host.ts';
import { type Column, FACTS, type FactKind } from './catalogue.ts';
import { deriveFacts } from './derive.ts';

export interface Parsed {
  facts: Facts;
  /** Fact → why it was not obtained: `root`, `timeout`, `failed 2`, `unreadable`. */
  unseen: Record<string, string>;
  /** The script came to its end: what has no line is absent on the host, not lost on the way. */
  whole: boolean;
}

/** A script that keeps its contract stays far below all of these; what does not is cut, never trusted. */
const LONGEST_LINE = 2_000;
const MOST_LINES = 4_000;
const MOST_ITEMS = 40;
const LONGEST_VALUE = 500;

/**
 * Reads an answer of the script `check` (contract: top of check.sh) into facts by the catalogue, the derived ones
 * included. Never throws: hosts say what they like, and what is unknown, malformed, doubled or too long is left out.
 */
export function parseFacts(stdout: string): Parsed {
  const facts: Facts = {};
  const unseen: Record<string, string> = {};
  let whole = false;
  for (const line of firstLines(stdout)) {
    if (line === 'end=check v1') {
      whole = true;
      break;
    }
    const match = line.length <= LONGEST_LINE ? LINE.exec(line) : null;
    const key = match?.[1];
    const kind = key !== undefined && Object.hasOwn(FACTS, key) ? FACTS[key] : undefined;
    if (!match || !key || !kind || kind.derived) continue;
    const [form, text] = [match[2] ?? '', match[3] as string];
    if (form === '?') {
      if (!Object.hasOwn(facts, key)) unseen[key] ??= /^(root|timeout|failed \d{1,4})$/.test(text) ? text : 'failed';
    } else take(facts, unseen, key, kind, form, text);
  }
  for (const key of Object.keys(facts)) delete unseen[key];
  deriveFacts(facts);
  if (Object.keys(unseen).length > 0) facts.unseen = Object.entries(unseen).map(([key, why]) => `${key}: ${why}`);
  return { facts, unseen, whole };
}

const LINE = /^([a-z][a-z0-9_]{0,63})(\[\]|\{\}|\?)?=(.*)$/su;

function* firstLines(text: string): Generator<string> {
  let from = 0;
  for (let n = 0; n < MOST_LINES && from < text.length; n++) {
    const end = text.indexOf('\n', from);
    // What follows the last newline was cut off on the way.
    if (end < 0) return;
    yield text.slice(from, text[end - 1] === '\r' ? end - 1 : end);
    from = end + 1;
  }
}

function take(facts: Facts, unseen: Record<string, string>, key: string, kind: FactKind, form: string, text: string): void {
  if (kind.type === 'list' || kind.type === 'table') {
    if (form !== (kind.type === 'list' ? '[]' : '{}')) return;
    facts[key] ??= [];
    const items = facts[key] as FactValue[];
    if (text === '' || items.length >= MOST_ITEMS) return;
    const item = kind.type === 'list' ? printable(text) : rowOf(kind, text);
    if (item) items.push(item);
    return;
  }
  if (form !== '' || Object.hasOwn(facts, key)) return;
  const value = scalarOf(kind.type, text);
  if (value === undefined) unseen[key] ??= 'unreadable';
  else facts[key] = value;
}

function scalarOf(type: FactKind['type'], text: string): FactValue | undefined {
  switch (type) {
    case 'number':
      return numberOf(text);
    case 'time':
      return timeOf(numberOf(text));
    case 'yesno':
      return text === 'yes' ? true : text === 'no' ? false : undefined;
    default:
      return printable(text) || undefined;
  }
}

function numberOf(text: string): number | undefined {
  const value = /^-?\d{1,18}(\.\d{1,18})?$/.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

/** Seconds since 1970 → ISO; years a person would not recognise are no times. */
function timeOf(seconds: number | undefined): string | undefined {
  if (seconds === undefined || seconds < 0 || seconds > 7_258_118_400) return undefined;
  return new Date(Math.round(seconds * 1000)).toISOString();
}

function rowOf(kind: FactKind, text: string): FactValue | undefined {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return undefined;
  const row: { [key: string]: FactValue } = {};
  for (const [name, column] of Object.entries(kind.columns ?? {})) {
    const value = Object.hasOwn(raw, name) ? cellOf(column, (raw as Record<string, unknown>)[name]) : undefined;
    if (value !== undefined) row[name] = value;
    else if (!column.endsWith('?')) return undefined;
  }
  return row;
}

function cellOf(column: Column, value: unknown): FactValue | undefined {
  if (column.startsWith('text')) return typeof value === 'string' ? printable(value) : undefined;
  if (column.startsWith('yesno')) return typeof value === 'boolean' ? value : undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  return column.startsWith('time') ? timeOf(value) : value;
}

/** One bounded line without control characters or halves of surrogate pairs: jsonb and terminals refuse them. */
function printable(text: string): string {
  return text
    .slice(0, LONGEST_VALUE)
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/[\p{Cc}\u2028\u2029]/gu, ' ')
    .trim();
}
