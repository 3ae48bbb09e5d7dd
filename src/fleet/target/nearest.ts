/** The known names a person may have meant, nearest first, at most `most`; none when nothing is near. */
export function near(typed: string, known: Iterable<string>, most = 3): string[] {
  const limit = Math.max(1, Math.floor(Math.min(typed.length, LONGEST) / 3));
  return ranked(typed, known)
    .filter(({ distance }) => distance <= limit)
    .slice(0, most)
    .map(({ name }) => name);
}

/** As `near`, but never empty while anything is known: an example of what exists says more than nothing. */
export function nearest(typed: string, known: Iterable<string>, most = 3): string[] {
  const names = [...known];
  const found = near(typed, names, most);
  return found.length > 0
    ? found
    : ranked(typed, names)
        .slice(0, 1)
        .map(({ name }) => name);
}

function ranked(typed: string, known: Iterable<string>): { name: string; distance: number }[] {
  const wanted = typed.toLowerCase().slice(0, LONGEST);
  const names = Array.from(known, (name) => ({ name, distance: editDistance(wanted, name.toLowerCase().slice(0, LONGEST)) }));
  return names.sort((a, b) => a.distance - b.distance);
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
