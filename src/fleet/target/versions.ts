/**
 * Orders versions as integer tuples: `4.11` after `4.2`, `3.1` before `3.1.5`, `4.6` the same as `4.6.0`; the text after
 * the numbers (`-amd64`, `.el8`) does not count. Negative, 0, positive; `undefined` when either is no version.
 */
export function compareVersions(a: string, b: string): number | undefined {
  const [x, y] = [parseVersion(a), parseVersion(b)];
  if (!x || !y) return undefined;
  for (let at = 0; at < Math.max(x.length, y.length); at++) {
    const order = (x[at] ?? 0) - (y[at] ?? 0);
    if (order) return order;
  }
  return 0;
}

/** `5.10.0-21-amd64` → 5, 10, 0, 21. `6.1.0-rc3` → 6, 1, 0, −1, 3, so that it comes before 6.1.0. */
export function parseVersion(text: string): number[] | undefined {
  const tuple: number[] = [];
  for (const part of text
    .trim()
    .replace(/^v(?=\d)/i, '')
    .split(/[.\-_+~:]/)) {
    const candidate = /^rc(\d*)$/i.exec(part);
    if (candidate && tuple.length > 0) {
      tuple.push(-1, Number(candidate[1] || 0));
      break;
    }
    const digits = /^\d{1,15}/.exec(part)?.[0];
    if (digits === undefined) break;
    tuple.push(Number(digits));
    if (digits.length < part.length) break;
  }
  return tuple.length > 0 ? tuple : undefined;
}
