/** The three words of `words` that share most pairs of letters with `word`, the likest first. Always three, so that there is something to go on. */
export function nearest(word: string, words: readonly string[]): string[] {
  const typed = pairs(word);
  const likeness = (other: string): number => {
    const theirs = pairs(other);
    const shared = typed.filter((pair) => theirs.includes(pair)).length;
    return (2 * shared) / (typed.length + theirs.length);
  };
  return [...words].sort((a, b) => likeness(b) - likeness(a)).slice(0, 3);
}

/** Of a word with its beginning marked, which people get right most often. */
function pairs(word: string): string[] {
  const marked = `^${word.toLowerCase().slice(0, 64)}`;
  return Array.from({ length: Math.max(0, marked.length - 1) }, (_, at) => marked.slice(at, at + 2));
}
