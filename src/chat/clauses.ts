import { nearest } from './nearest.ts';
import type { NamedField } from './options.ts';
import { fits } from './read.ts';
import { dangles, goesOn, isDashed, keywordAfter, keywordAt, readableRun, type Scan, skipNoun, slice } from './scan.ts';
import { isUnclosed, shorten, typedText, type Word } from './words.ts';

/** Takes the value after a keyword, moving the scan behind it. There is at least one word. */
export function takeValue(scan: Scan, field: NamedField): string {
  const word = scan.words[scan.at] as Word;
  if (field.kind === 'because') return takeReason(scan);
  if (!word.quote) {
    if (field.kind === 'target') return takeTarget(scan);
    if (field.kind === 'thing') return takeThing(scan);
    if (field.kind === 'duration' || field.kind === 'until') return takeLongest(scan, field);
  }
  return takeWord(scan);
}

/** One word or one quoted text. */
export function takeWord(scan: Scan): string {
  const word = scan.words[scan.at++] as Word;
  refuseUnclosed(scan, word);
  return word.text;
}

/**
 * A target's words with their quotes, up to the next keyword. `strictly` = no further than an expression can go, because
 * other words follow it.
 */
export function takeTarget(scan: Scan, strictly = false): string {
  const { words } = scan;
  skipNoun(scan);
  const from = scan.at;
  for (scan.at++; scan.at < words.length; scan.at++) {
    const [before, word] = [words[scan.at - 1] as Word, words[scan.at] as Word];
    if (dangles(before)) continue;
    if (isDashed(word) || keywordAt(scan, scan.at)) break;
    if (goesOn(word)) continue;
    if (strictly || saysSlip(scan, word)) break;
  }
  const alone = words[from] as Word;
  const target = from + 1 === scan.at && alone.quote ? alone.text : slice(scan, from, scan.at);
  if (scan.at < words.length && !strictly && saysSlip(scan, words[scan.at] as Word)) {
    scan.problems.push(saysSlip(scan, words[scan.at] as Word) as string);
    scan.at = keywordAfter(scan, scan.at);
  }
  return target;
}

/** `show host r1` is the host and no run: the noun stays, for `readValue` to see. */
export function takeThing(scan: Scan): string {
  const noun = scan.words[scan.at] as Word;
  const at = scan.at;
  skipNoun(scan);
  return (scan.at > at ? `${noun.text} ` : '') + takeTarget(scan);
}

/** Where an operator could stand: `bacth` for `batch`, or a keyword this command does not have, is no host. */
function saysSlip(scan: Scan, word: Word): string | undefined {
  if (word.quote || isDashed(word) || keywordAt(scan, scan.at) || /\d/.test(word.text)) return undefined;
  const keywords = scan.keyed.flatMap(({ keyword }) => keyword.split(' ')[0] as string);
  const near = word.text.length < 4 ? undefined : nearest(word.text, keywords);
  if (near !== undefined) return `"${shorten(word.text)}" is not understood. Did you mean "${near}"?`;
  return scan.foreign.has(word.text.toLowerCase()) ? `"${word.text}" is no word of this command.` : undefined;
}

/** The longest run of words that reads as a duration or a moment; when none does, everything to the next keyword. */
function takeLongest(scan: Scan, field: NamedField): string {
  const from = scan.at;
  const run = readableRun(scan, field, from);
  scan.at = run > 0 ? from + run : keywordAfter(scan, from);
  return slice(scan, from, scan.at);
}

function takeReason(scan: Scan): string {
  const { words } = scan;
  const first = words[scan.at] as Word;
  refuseUnclosed(scan, first);
  if (first.quote) {
    scan.at++;
    return typedText(scan.line, first);
  }
  while (++scan.at < words.length && !endsReason(scan));
  return scan.line.typed.slice(first.start, (words[scan.at - 1] as Word).end);
}

/**
 * A reason runs through words that only look like keywords ("waiting for the vendor", "the plan changed at night"): in it a
 * keyword counts with dashes, when its value can be read, or as `json` and `strict` at the very end.
 */
export function endsReason(scan: Scan): boolean {
  const found = keywordAt(scan, scan.at);
  if (!found) return false;
  if (isDashed(scan.words[scan.at])) return true;
  if (scan.words.slice(scan.at).every(({ text, quote }) => !quote && /^-*(json|strict)$/i.test(text))) return true;
  const { field, used, value = scan.words[scan.at + used] } = found;
  if (!value || scan.typed.has(field.name)) return false;
  switch (field.kind) {
    case 'duration':
    case 'until':
      // "until fixed" may be meant as the end: it is asked about, not buried in the reason.
      return readableRun(scan, field, scan.at + used) > 0 || field.keyword === 'until' || /^\d/.test(value.text);
    case 'count':
    case 'choice':
    case 'id':
      return fits(field, value.text, scan.context);
    case 'word':
      return used > 1;
    default:
      return false;
  }
}

export function refuseUnclosed(scan: Scan, word: Word): void {
  if (!isUnclosed(word)) return;
  scan.problems.push(`The quote before "${shorten(word.text.slice(1))}" is never closed. Close it, or leave the quotes out.`);
}
