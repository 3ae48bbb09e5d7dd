import { endsReason, refuseUnclosed, takeTarget, takeThing, takeValue, takeWord } from './clauses.ts';
import { didYouMean } from './nearest.ts';
import type { NamedField } from './options.ts';
import { fits } from './read.ts';
import { goesOn, hyphened, isDashed, type Keyword, keywordAfter, keywordAt, optionName, type Scan, skipNoun, slice } from './scan.ts';
import { shorten, typedText, type Word } from './words.ts';

/**
 * Gives every word after the verb to a field of the command, into `scan.typed`; what cannot be given becomes a problem.
 * Keywords and flags are found wherever they stand, except inside texts and quotes; the rest fills the positional fields
 * in order.
 */
export function gather(scan: Scan): void {
  let next = 0;
  while (scan.at < scan.words.length) {
    const word = scan.words[scan.at] as Word;
    const keyword = keywordAt(scan, scan.at);
    const index = upcoming(scan, next, word);
    const field = scan.positional[index];
    if (field?.kind === 'text' && !(keyword && isDashed(word))) {
      takeText(scan, field);
      next = index + 1;
    } else if (keyword) takeKeyword(scan, keyword);
    else if (isDashed(word)) refuseOption(scan, word);
    else if (continuesTarget(scan, next, field, word)) extendTarget(scan, scan.positional[next - 1] as NamedField);
    else if (!field) refuseRest(scan);
    else {
      next = index + 1;
      scan.typed.set(field.name, takePositional(scan, field, scan.positional[next]));
    }
  }
}

/** The positional field a word would go to; optional ones it cannot be are left out. */
function upcoming({ positional, context }: Scan, next: number, word: Word): number {
  let index = next;
  for (; index < positional.length; index++) {
    const field = positional[index] as NamedField;
    if (field.required || field.kind === 'text' || fits(field, word.text, context)) break;
  }
  return index;
}

function takeKeyword(scan: Scan, { field, used, value }: Keyword): void {
  scan.words.splice(scan.at, used, ...(value ? [value] : []));
  const nothing = scan.at >= scan.words.length || (!value && (field.kind === 'because' ? endsReason(scan) : keywordAt(scan, scan.at)));
  if (field.kind !== 'flag' && nothing) {
    scan.problems.push(`"${field.keyword}" needs a value (${field.words}), as in "${field.keyword} ${field.sample}".`);
    return;
  }
  const typed = field.kind === 'flag' ? 'yes' : takeValue(scan, field);
  if (scan.typed.has(field.name) && field.kind !== 'flag') scan.problems.push(`"${field.keyword}" is given twice.`);
  else scan.typed.set(field.name, typed);
}

function takePositional(scan: Scan, field: NamedField, following: NamedField | undefined): string {
  if (field.kind === 'thing') return takeThing(scan);
  if (field.kind === 'target') return takeTarget(scan, following?.kind === 'params');
  if (field.kind === 'params' || field.kind === 'verb') return takeRun(scan);
  if (field.kind === 'host') skipNoun(scan);
  return takeWord(scan);
}

function takeRun(scan: Scan): string {
  const from = scan.at;
  scan.at = keywordAfter(scan, from);
  return slice(scan, from, scan.at);
}

/** Quoted, with options after it; or everything to the end, in which nothing is read. */
function takeText(scan: Scan, field: NamedField): void {
  const word = scan.words[scan.at] as Word;
  // 'tis and '90s begin with an apostrophe: a single mark encloses a text only when nothing but options follows it.
  const enclosed = word.quote === '"' || (word.quote && (scan.at + 1 === scan.words.length || keywordAt(scan, scan.at + 1)));
  const end = enclosed ? word.end : scan.line.typed.length;
  if (!enclosed) refuseUnclosed(scan, word);
  scan.typed.set(field.name, enclosed ? typedText(scan.line, word) : scan.line.typed.slice(word.start));
  scan.texts.push({ start: word.start, end });
  scan.at = enclosed ? scan.at + 1 : scan.words.length;
}

/** `reboot @kvm batch 2 where uptime > 200d` */
function continuesTarget(scan: Scan, next: number, field: NamedField | undefined, word: Word): boolean {
  const before = scan.positional[next - 1];
  return (before?.kind === 'target' || before?.kind === 'thing') && (!field || field.kind === 'params') && goesOn(word);
}

function extendTarget(scan: Scan, field: NamedField): void {
  const strictly = scan.positional.at(-1)?.kind === 'params';
  scan.typed.set(field.name, `${scan.typed.get(field.name)} ${takeTarget(scan, strictly)}`);
}

function refuseOption(scan: Scan, word: Word): void {
  const name = optionName(word).split('=')[0] as string;
  scan.problems.push(`"${shorten(word.text)}" is no option here.${didYouMean(name, scan.keyed.map(hyphened))}`);
  scan.at++;
}

function refuseRest(scan: Scan): void {
  const word = scan.words[scan.at] as Word;
  const rest = shorten(takeRun(scan));
  const hint = didYouMean(
    word.text,
    scan.keyed.map(({ keyword }) => keyword),
  );
  const hasText = scan.positional.some(({ kind }) => kind === 'text');
  scan.problems.push(
    hasText
      ? `"${rest}" stands after the quoted text and is no option.${hint} If it belongs to the text, put the quotes around all of it.`
      : `"${rest}" is not understood.${hint}`,
  );
}
