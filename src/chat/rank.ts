/**
 * The values that a half-typed word may mean, best first: itself, those that begin so, those with a part that begins so (`kvm05`
 * for `05`, `web-01` for `01`), those it stands in. Equal ones stay in the order given.
 */
export function ranked(values: Iterable<string>, typed: string, most: number): string[] {
  const wanted = typed.toLowerCase();
  const byRank: string[][] = [[], [], [], []];
  const seen = new Set<string>();
  for (const value of values) {
    const rank = rankOf(value.toLowerCase(), wanted);
    if (rank === undefined || seen.has(value)) continue;
    seen.add(value);
    const found = byRank[rank] as string[];
    if (found.length < most) found.push(value);
    // Nothing better can come once enough begin so and the exact one has no equal.
    if (wanted === '' && found.length === most) break;
  }
  return byRank.flat().slice(0, most);
}

function rankOf(value: string, wanted: string): number | undefined {
  const at = value.indexOf(wanted);
  if (at < 0) return undefined;
  if (value === wanted) return 0;
  if (at === 0 || (at === 1 && value[0] === '@')) return 1;
  // Digits after letters begin a part as well as what stands after a sign.
  const before = value[at - 1] as string;
  if (!/[a-z0-9]/.test(before) || (/\d/.test(value[at] as string) && /[a-z]/.test(before))) return 2;
  return 3;
}
