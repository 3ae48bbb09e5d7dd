/**
 * The known names a person may have meant, nearest first, at most `most`. When none is near, the least far one: an
 * example of what exists says more than nothing.
 */
export function nearest(typed: string, known: Iterable<string>, most = 3): string[] {
  const wanted = typed.toLowerCase().slice(0, LONGEST);
  const ranked: { name: string; distance: number }[] = [];
  for (const name of known) ranked.push({ name, distance: editDistance(wanted, name.toLowerCase().slice(0, LONGEST)) });
  ranked.sort((a, b) => a.distance - b.distance);
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  const near = ranked.filter(({ distance }) => distance <= limit);
  return (near.length > 0 ? near : ranked.slice(0, 1)).slice(0, most).map(({ name }) => name);
}

const LONGEST = 64;

/** Insertions, deletions, replacements and swaps of neighbours, each 1. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let x = 1; x <= a.length; x++) {
    const row = [x];
    for (let y = 1; y <= b.length; y++) {
      const same = a[x - 1] === b[y - 1] ? 0 : 1;
      let least = Math.min((last[y] as number) + 1, (row[y - 1] as number) + 1, (last[y - 1] as number) + same);
      if (x > 1 && y > 1 && a[x - 1] === b[y - 2] && a[x - 2] === b[y - 1]) {
        least = Math.min(least, (beforeLast[y - 2] as number) + 1);
      }
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] as number;
}
