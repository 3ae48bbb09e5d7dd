import { editDistance } from '../fleet/target/nearest.ts';

/**
 * The candidate a mistyped word most likely meant: letters swapped, missing, doubled or wrong (one in a short word, up to
 * three in a long one), or the beginning of a longer word. `undefined` when nothing is near enough to be worth saying.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const typed = word.toLowerCase();
  if (typed.length === 0 || typed.length > LONGEST) return undefined;
  let best: string | undefined;
  let bestDistance = typed.length <= 3 ? 1 : typed.length <= 7 ? 2 : 3;
  for (const candidate of candidates) {
    const known = candidate.toLowerCase();
    if (known === typed) return candidate;
    const begins = typed.length >= 3 && known.startsWith(typed);
    const distance = begins ? 0.5 : editDistance(typed, known);
    if (distance > bestDistance || (distance === bestDistance && best !== undefined)) continue;
    // A short word is near to every other short word: at least one letter in two must be right.
    if (!begins && distance * 2 > Math.min(typed.length, known.length)) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/** ` Did you mean "check"?`, or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const near = nearest(word, candidates);
  return near === undefined ? '' : ` Did you mean "${near}"?`;
}

/** Nothing longer is a name somebody mistyped, and the work grows with the square. */
const LONGEST = 80;
