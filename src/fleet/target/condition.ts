import { parseDuration } from '../../lib/duration.ts';
import { Refusal } from '../../lib/refusal.ts';

/** What stands after `where`. `fact` is as typed; values are as typed, without quotes. */
export type Condition =
  | { kind: 'and' | 'or'; parts: readonly Condition[] }
  | { kind: 'not'; part: Condition }
  | { kind: 'known' | 'absent'; fact: string; column: number }
  | Compare;

export interface Compare {
  kind: 'compare';
  fact: string;
  /** Where the fact stands, from 1. */
  column: number;
  operator: Comparison;
  /** One, or several after `in`. */
  values: readonly string[];
  /** Only the fact was written: `where reboot_required`. */
  bare?: true;
}

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=' | '~' | 'in';

const DEEPEST = 100;
const MOST_COMPARISONS = 100;
const EXAMPLE = 'as in uptime > 200d and xen < 4.6';

/**
 * Reads the condition that begins at index `from` of `text`: `not` binds first, then `and`, then `or`; parentheses
 * group. Throws `Refusal` that names the column.
 */
export function parseCondition(text: string, from: number): Condition {
  const reader = new TokenReader(tokenise(text, from), text.length + 1);
  const condition = readOr(reader, 0);
  const rest = reader.peek();
  if (rest) throw unexpected(rest, 'and, or, or the end');
  return condition;
}

interface Token {
  text: string;
  column: number;
  quoted?: true;
}

class TokenReader {
  comparisons = 0;
  #at = 0;
  readonly #tokens: Token[];
  readonly #end: number;
  constructor(tokens: Token[], end: number) {
    this.#tokens = tokens;
    this.#end = end;
  }
  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#at + ahead];
  }
  /** The next token is this word or sign; takes it. */
  take(word: string): boolean {
    const token = this.peek();
    if (!token || token.quoted || token.text.toLowerCase() !== word) return false;
    this.#at++;
    return true;
  }
  next(expected: string): Token {
    const token = this.peek();
    if (!token) throw new Refusal(`The condition ends at column ${this.#end} where ${expected} should stand, ${EXAMPLE}.`);
    this.#at++;
    return token;
  }
}

function tokenise(text: string, from: number): Token[] {
  const tokens: Token[] = [];
  const pattern = /\s+|"([^"]*)"|'([^']*)'|<=|>=|!=|==|<>|[=<>~(),!]|[^\s()<>=!~,"']+|./gy;
  pattern.lastIndex = from;
  for (let found = pattern.exec(text); found; found = pattern.exec(text)) {
    const [whole, double, single] = found;
    const column = found.index + 1;
    if (!whole.trim()) continue;
    const quoted = double ?? single;
    if (quoted !== undefined) tokens.push({ text: quoted, column, quoted: true });
    else if (whole === '"' || whole === "'") throw new Refusal(`The quote at column ${column} is not closed.`);
    else if (/^[&|]+$/.test(whole))
      throw new Refusal(`In a condition write ${whole[0] === '&' ? 'and' : 'or'} instead of "${whole.slice(0, 5)}" (column ${column}).`);
    else tokens.push({ text: whole === '==' ? '=' : whole === '<>' ? '!=' : whole, column });
  }
  return tokens;
}

function readOr(reader: TokenReader, depth: number): Condition {
  const parts = [readAnd(reader, depth)];
  while (reader.take('or')) parts.push(readAnd(reader, depth));
  return parts.length === 1 ? (parts[0] as Condition) : { kind: 'or', parts };
}

function readAnd(reader: TokenReader, depth: number): Condition {
  const parts = [readNot(reader, depth)];
  while (reader.take('and')) parts.push(readNot(reader, depth));
  return parts.length === 1 ? (parts[0] as Condition) : { kind: 'and', parts };
}

function readNot(reader: TokenReader, depth: number): Condition {
  const begin = reader.peek();
  if (depth > DEEPEST) throw new Refusal(`The condition is nested too deep at column ${begin?.column ?? 0}.`);
  if (reader.take('not') || reader.take('!')) return { kind: 'not', part: readNot(reader, depth + 1) };
  if (reader.take('(')) {
    const inner = readOr(reader, depth + 1);
    const close = reader.next('")"');
    if (close.quoted || close.text !== ')') throw unexpected(close, '")"');
    return inner;
  }
  return readComparison(reader);
}

function readComparison(reader: TokenReader): Condition {
  const fact = reader.next('a fact');
  if (++reader.comparisons > MOST_COMPARISONS) throw new Refusal(`The condition has more than ${MOST_COMPARISONS} comparisons: use in (…) for many values.`);
  if (fact.quoted || !/^[\p{L}_][\p{L}\p{N}_.:-]*$/u.test(fact.text) || /^(and|or|in|is)$/i.test(fact.text)) {
    throw unexpected(fact, 'a fact');
  }
  const at = { fact: fact.text, column: fact.column };
  if (reader.take('is')) return readIs(reader, at);
  if (reader.peek(1)?.text.toLowerCase() === 'in' && reader.take('not')) {
    reader.take('in');
    return { kind: 'not', part: { kind: 'compare', ...at, operator: 'in', values: readList(reader) } };
  }
  if (reader.take('in')) return { kind: 'compare', ...at, operator: 'in', values: readList(reader) };
  if (reader.take('contains')) return { kind: 'compare', ...at, operator: '~', values: [readValue(reader)] };
  const token = reader.peek();
  if (!token || (!token.quoted && /^(and|or|\))$/i.test(token.text))) {
    return { kind: 'compare', ...at, operator: '=', values: ['yes'], bare: true };
  }
  const operator = ['=', '!=', '<=', '>=', '<', '>', '~'].find((one) => reader.take(one));
  if (!operator) throw unexpected(token, 'one of = != < <= > >= ~, in (…), is absent, is known');
  return { kind: 'compare', ...at, operator: operator as Comparison, values: [readValue(reader)] };
}

function readIs(reader: TokenReader, at: { fact: string; column: number }): Condition {
  const negated = reader.take('not');
  if (reader.take('absent') || reader.take('unknown')) return { kind: negated ? 'known' : 'absent', ...at };
  if (reader.take('known')) return { kind: negated ? 'absent' : 'known', ...at };
  return { kind: 'compare', ...at, operator: negated ? '!=' : '=', values: [readValue(reader)] };
}

function readList(reader: TokenReader): string[] {
  const open = reader.next('"("');
  if (open.quoted || open.text !== '(') throw unexpected(open, '"(", as in os in (debian, ubuntu)');
  const values = [readValue(reader)];
  while (!reader.take(')')) {
    const comma = reader.next('"," or ")"');
    if (comma.quoted || comma.text !== ',') throw unexpected(comma, '"," or ")"');
    values.push(readValue(reader));
  }
  return values;
}

function readValue(reader: TokenReader): string {
  const value = reader.next('a value');
  if (!value.quoted && /^[()<>=!~,]/.test(value.text)) throw unexpected(value, 'a value');
  const unit = reader.peek();
  // `200 days` is one value.
  if (!value.quoted && unit && !unit.quoted && /^\d+(\.\d+)?$/.test(value.text) && /^[a-z]+$/i.test(unit.text)) {
    if (parseDuration(value.text + unit.text) !== undefined) return value.text + reader.next('a unit').text;
  }
  return value.text;
}

function unexpected(token: Token, expected: string): Refusal {
  const text = token.text.length > 40 ? `${token.text.slice(0, 39)}…` : token.text;
  return new Refusal(`Cannot read "${text}" at column ${token.column} where ${expected} should stand, ${EXAMPLE}.`);
}
