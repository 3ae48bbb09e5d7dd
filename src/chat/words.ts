import type { Line } from './normalise.ts';

/** A word of a line, or a quoted run of words. Places are in the line, ends exclusive. */
export interface Word {
  /** Without its quotes; straight quotes and plain spaces. */
  text: string;
  start: number;
  end: number;
  /** The mark that encloses it. */
  quote?: '"' | "'";
}

/**
 * Cuts a line at white space. A double or single quote at the beginning of a word, or after its `=`, holds everything
 * together up to the same mark at the end of a word; `\"` is a mark inside. One that is never closed is an ordinary character.
 */
export function splitWords({ plain }: Line): Word[] {
  const words: Word[] = [];
  let at = 0;
  const unclosed = new Set<string>();
  while (at < plain.length) {
    if (isSpace(plain[at])) {
      at++;
      continue;
    }
    const opens = /^[^\s"'=]*=?/.exec(plain.slice(at, at + 64))?.[0].length ?? 0;
    const atMark = isQuote(plain[at]) ? at : plain[at + opens - 1] === '=' ? at + opens : -1;
    const mark = plain[atMark];
    const close = isQuote(mark) && !unclosed.has(mark) ? closing(plain, atMark, mark) : -1;
    if (isQuote(mark) && close < 0) unclosed.add(mark);
    const end = close >= 0 ? close + 1 : wordEnd(plain, at);
    const whole = close >= 0 && atMark === at;
    words.push({
      text: whole ? withoutEscapes(plain.slice(at + 1, close)) : plain.slice(at, end),
      start: at,
      end,
      ...(whole ? { quote: mark as '"' | "'" } : {}),
    });
    at = end;
  }
  return words;
}

/** What a person typed there, without the quotes around it. */
export function typedText({ typed }: Line, word: Word): string {
  return word.quote ? withoutEscapes(typed.slice(word.start + 1, word.end - 1)) : typed.slice(word.start, word.end);
}

/** One quoted text that is read back word for word, whatever stands in it. */
export const quoted = (text: string): string => `"${text.replace(TO_ESCAPE, '\\$&')}"`;

/** As much of what was typed as a message may repeat. */
export const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

/** Begins with a quote that never ends. An apostrophe is none. */
export const isUnclosed = (word: Word): boolean => !word.quote && word.text.startsWith('"');

/** Splits `batch=2` in two; the second keeps its quotes apart. */
export function splitAssignment(word: Word): [Word, Word] | undefined {
  const equals = word.quote ? -1 : word.text.indexOf('=');
  if (equals <= 0) return undefined;
  const value = word.text.slice(equals + 1);
  const mark = value[0];
  const quoted = value.length >= 2 && isQuote(mark) && value.endsWith(mark);
  return [
    { text: word.text.slice(0, equals), start: word.start, end: word.start + equals },
    {
      text: quoted ? withoutEscapes(value.slice(1, -1)) : value,
      start: word.start + equals + 1,
      end: word.end,
      ...(quoted ? { quote: mark as '"' | "'" } : {}),
    },
  ];
}

/** The mark that ends a quote: the next one of its kind that ends a word. */
function closing(plain: string, open: number, mark: string): number {
  for (let at = open + 1; at < plain.length; at++) {
    if (plain[at] === '\\') at++;
    else if (plain[at] === mark && (at + 1 === plain.length || isSpace(plain[at + 1]))) return at;
  }
  return -1;
}

function wordEnd(plain: string, from: number): number {
  let at = from;
  while (at < plain.length && !isSpace(plain[at])) at++;
  return at;
}

const isSpace = (character: string | undefined): boolean => character === ' ' || character === '\n';
const isQuote = (character: string | undefined): character is '"' | "'" => character === '"' || character === "'";
// A phone's marks are quotes to the grammar too, and are escaped alike.
const DOUBLE = '"\u201c-\u201f\u00ab\u00bb\u2033\u301d\u301e\uff02';
const SINGLE = "'\u2018-\u201b\u2032\uff07";
const ESCAPED = new RegExp(`\\\\([${DOUBLE}${SINGLE}\\\\])`, 'g');
const TO_ESCAPE = new RegExp(`[${DOUBLE}\\\\]`, 'g');
const withoutEscapes = (text: string): string => text.replace(ESCAPED, '$1');
