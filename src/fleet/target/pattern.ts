import { Refusal } from '../../lib/refusal.ts';

/** `rack[1-2]node[01-04]`: literal text and axes in turn. */
export type NamePattern = readonly (string | Axis)[];
export type Axis = readonly Span[];

/** `01-20/2`: every `step`th number from `from` to `to`, padded with zeros to `pad` digits (0 = not padded). */
export interface Span {
  from: number;
  to: number;
  step: number;
  pad: number;
}

/**
 * Reads brackets as ClusterShell 1.9 does; `column` (from 1) is where `text` begins in what the person typed. Throws
 * `Refusal`. Refused beyond ClusterShell: negative numbers, and digits before a bracket whose numbers differ in length
 * (there ClusterShell reads `web1[9-10]` as `web[19-110]`).
 */
export function parsePattern(text: string, column: number): NamePattern {
  const parts: (string | Axis)[] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf('[', at);
    const literal = text.slice(at, open < 0 ? undefined : open);
    const stray = literal.indexOf(']');
    if (stray >= 0) throw new Refusal(`The "]" at column ${column + at + stray} closes nothing: write web[01-20].`);
    if (literal) parts.push(literal);
    if (open < 0) break;
    const close = text.indexOf(']', open);
    if (close < 0) throw new Refusal(`The "[" at column ${column + open} is not closed: write web[01-20].`);
    if (typeof parts.at(-1) === 'object') {
      throw new Refusal(`Two brackets stand side by side at column ${column + open}: put text between them.`);
    }
    const axis = parseAxis(text.slice(open + 1, close), column + open + 1);
    if (/[0-9]$/.test(literal) && mixedLengths(axis)) {
      throw new Refusal(
        `Before the "[" at column ${column + open} stand digits, and the numbers in it differ in length, so it can be read two ways: put all digits inside the brackets.`,
      );
    }
    parts.push(axis);
    at = close + 1;
  }
  return parts;
}

/** How many names a pattern stands for; may be far beyond what can be expanded. */
export function countNames(pattern: NamePattern): number {
  let count = 1;
  for (const part of pattern) {
    if (typeof part !== 'string') count *= part.reduce((sum, span) => sum + spanCount(span), 0);
  }
  return count;
}

/** Every name a pattern stands for, last axis fastest. The caller has looked at `countNames` first. */
export function expandPattern(pattern: NamePattern): string[] {
  let names = [''];
  for (const part of pattern) {
    const endings = typeof part === 'string' ? [part] : part.flatMap(spanItems);
    names = names.flatMap((name) => endings.map((ending) => name + ending));
  }
  return names;
}

function parseAxis(text: string, column: number): Axis {
  let at = column;
  return text.split(',').map((piece) => {
    const span = parseSpan(piece, at);
    at += piece.length + 1;
    return span;
  });
}

function parseSpan(piece: string, column: number): Span {
  const refuse = (why: string): Refusal => new Refusal(`Cannot read the range "${clip(piece.trim())}" at column ${column}: ${why}.`);
  // Phones turn `-` into a long dash, which the chat rooms turn into `--`.
  const found = /^\s*(\d+)\s*(?:--?\s*(\d+)\s*)?(?:\/\s*(\d+)\s*)?$/.exec(piece);
  if (!piece.trim()) throw refuse('it is empty; write 1, 01-20 or 01-20/2');
  if (!found) throw refuse('a range is 1, 01-20 or 01-20/2');
  const [, begin = '', end = begin, step] = found;
  if (begin.length > 15 || end.length > 15) throw refuse('the number is too long');
  if (step !== undefined && found[2] === undefined) throw refuse('a step needs a range, as in 01-20/2');
  if (step !== undefined && (Number(step) < 1 || step.length > 15)) throw refuse('the step must be 1 or more');
  if ((isPadded(begin) || isPadded(end)) && begin.length !== end.length) {
    throw refuse('with leading zeros both ends need the same number of digits, as in 001-120');
  }
  if (Number(begin) > Number(end)) throw refuse('it runs backwards');
  return {
    from: Number(begin),
    to: Number(end),
    step: Number(step ?? 1),
    pad: isPadded(begin) ? begin.length : 0,
  };
}

const isPadded = (digits: string): boolean => digits.length > 1 && digits.startsWith('0');

const spanCount = ({ from, to, step }: Span): number => Math.floor((to - from) / step) + 1;

function spanItems(span: Span): string[] {
  return Array.from({ length: spanCount(span) }, (_, nth) => digitsOf(span.from + nth * span.step, span.pad));
}

const digitsOf = (value: number, pad: number): string => String(value).padStart(pad, '0');

function mixedLengths(axis: Axis): boolean {
  const lengths = new Set(axis.flatMap(({ from, to, pad }) => [digitsOf(from, pad).length, digitsOf(to, pad).length]));
  return lengths.size > 1;
}

const clip = (text: string): string => (text.length > 40 ? `${text.slice(0, 39)}…` : text);
