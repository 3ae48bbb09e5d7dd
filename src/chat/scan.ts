import { parseDuration } from '../lib/duration.ts';
import { readMoment } from './moments.ts';
import type { Line } from './normalise.ts';
import type { NamedField } from './options.ts';
import { NOUNS, type ReadContext } from './read.ts';
import { splitAssignment, type Word } from './words.ts';

/** Where the reading of a line stands. `gather` moves it on. */
export interface Scan {
  line: Line;
  /** The words after the verb. */
  words: Word[];
  /** The next word to be read. */
  at: number;
  positional: readonly NamedField[];
  /** Fields found by a keyword or flag. */
  keyed: readonly NamedField[];
  /** Keywords of other commands: in place of an operator they are a slip, never a host. */
  foreign: ReadonlySet<string>;
  context: ReadContext;
  /** What was typed for each field, by the field's name. */
  typed: Map<string, string>;
  /** Sentences. */
  problems: string[];
  /** Places of the texts, where line breaks are allowed. */
  texts: { start: number; end: number }[];
}

export interface Keyword {
  field: NamedField;
  /** Words it is made of. */
  used: number;
  /** From `batch=2`. */
  value?: Word;
}

/** The keyword that begins at a word: `batch`, `--batch`, `batch=2`, `from package`, `--from-package`. */
export function keywordAt(scan: Scan, index: number): Keyword | undefined {
  const word = scan.words[index];
  if (!word || word.quote) return undefined;
  const assigned = splitAssignment(word);
  const name = optionName(assigned ? assigned[0] : word);
  for (const field of scan.keyed) {
    if (hyphened(field) === name && !(assigned && field.kind === 'flag')) {
      if (isDashed(word)) return { field, used: 1, ...(assigned && { value: assigned[1] }) };
      if (!field.keyword.includes(' ') && (assigned || !isNoun(scan, field, index))) {
        return { field, used: 1, ...(assigned && { value: assigned[1] }) };
      }
    }
    const phrase = field.keyword.split(' ');
    if (phrase.length > 1 && phrase.every((part, offset) => isWord(scan.words[index + offset], part))) {
      return { field, used: phrase.length };
    }
  }
  return undefined;
}

/** `reboot batch @kvm`: right after the verb it is the noun, unless a number follows. */
function isNoun(scan: Scan, field: NamedField, index: number): boolean {
  const after = scan.words[1];
  return index === 0 && field.kind === 'count' && NOUNS.includes(field.keyword) && after !== undefined && /^[@\p{L}]/u.test(after.text);
}

/** Steps over a noun that stands before what it names; alone it is a name itself. */
export function skipNoun(scan: Scan): void {
  const [noun, after] = [scan.words[scan.at], scan.words[scan.at + 1]];
  if (!noun || noun.quote || !NOUNS.includes(noun.text.toLowerCase())) return;
  if (after && !isDashed(after) && !goesOn(after) && !keywordAt(scan, scan.at + 1)) scan.at++;
}

/** The index of the next keyword or option after `from`, or the end. */
export function keywordAfter(scan: Scan, from: number): number {
  let end = from + 1;
  while (end < scan.words.length && !isDashed(scan.words[end]) && !keywordAt(scan, end)) end++;
  return end;
}

/** The longest run of words from an index that is a duration or a moment, in words; 0 for none. */
export function readableRun(scan: Scan, field: NamedField, from: number): number {
  for (let count = Math.min(LONGEST_MOMENT, scan.words.length - from); count > 0; count--) {
    if (isReadable(scan, field, slice(scan, from, from + count))) return count;
  }
  return 0;
}

/** `next monday at 6:30 pm europe/berlin` */
const LONGEST_MOMENT = 6;

function isReadable({ context }: Scan, field: NamedField, text: string): boolean {
  if (field.kind === 'duration') return parseDuration(text) !== undefined;
  try {
    return readMoment(text, context) !== undefined;
  } catch {
    // A moment that cannot be taken (past, too far) is still one: the words belong to it.
    return true;
  }
}

/** The words from one index to another, exclusive, as they stand in the line. */
export function slice({ words, line }: Scan, from: number, end: number): string {
  const [first, last] = [words[from], words[end - 1]];
  return first && last ? line.plain.slice(first.start, last.end) : '';
}

export const isDashed = (word: Word | undefined): boolean => word !== undefined && !word.quote && /^--?\p{L}/u.test(word.text);

/** An operator or `where` at its end: what follows is its value, whatever it looks like. */
export const dangles = (word: Word): boolean => !word.quote && (/[=<>~!&,^(]$/.test(word.text) || /^(where|and|or|not|in)$/i.test(word.text));

/** An operator or `where` at its beginning: the expression before it goes on. */
export const goesOn = (word: Word): boolean => !word.quote && (/^[=<>~!&,^)]/.test(word.text) || /^(where|and|or|in)$/i.test(word.text));

export const optionName = (word: Word): string => word.text.toLowerCase().replace(/^--?(?=\p{L})/u, '');
export const hyphened = ({ keyword }: NamedField): string => keyword.replaceAll(' ', '-');

const isWord = (word: Word | undefined, text: string): boolean => word !== undefined && !word.quote && word.text.toLowerCase() === text;
