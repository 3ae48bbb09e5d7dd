import { editDistance } from '../fleet/target/nearest.ts';

/** The known word a mistyped one most likely meant; `undefined` when none is near enough to say. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  // A key as long as a page is near to nothing.
  if (word.length > 64) return undefined;
  for (const candidate of known) {
    const far = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (far >= least) continue;
    least = far;
    best = candidate;
  }
  return best;
}
