/**
 * Host names as ClusterShell 1.9 folds them: `web01 web02 db1` → `db1,web[01-02]`. Each name counts once; the order of
 * the input does not matter. Every run of digits is an axis of its own: `rack[1-2]node[1-4]`.
 */
export function foldNames(names: readonly string[]): string {
  const patterns = new Map<string, Axis[][]>();
  for (const name of new Set(names)) {
    const { pattern, digits } = splitDigits(name);
    const vectors = patterns.get(pattern);
    if (vectors) vectors.push(digits.map((one) => axis([one])));
    else patterns.set(pattern, [digits.map((one) => axis([one]))]);
  }
  return [...patterns.keys()]
    .sort(byText)
    .flatMap((pattern) => foldVectors(patterns.get(pattern) as Axis[][]).map((vector) => render(pattern, vector)))
    .join(',');
}

/** The numbers one axis takes, as written (padding kept), in ClusterShell's order; `key` tells two axes apart quickly. */
interface Axis {
  items: string[];
  key: string;
}

const HOLE = '%s';

function splitDigits(name: string): { pattern: string; digits: string[] } {
  const digits: string[] = [];
  // The hole's spelling takes part in the sort order below, so it is ClusterShell's own.
  const pattern = name.replaceAll('%', '%%').replace(/[0-9]+/g, (run) => {
    digits.push(run);
    return HOLE;
  });
  return { pattern, digits };
}

function axis(items: string[]): Axis {
  items.sort(byLengthThenText);
  return { items, key: items.join(',') };
}

function foldVectors(vectors: Axis[][]): Axis[][] {
  const dimensions = vectors[0]?.length ?? 0;
  if (vectors.length === 1 || dimensions === 0) return vectors;
  const differing = differingAxes(vectors, dimensions);
  if (differing.length === 1) return [mergeAll(vectors, differing[0] as number)];
  return mergeGreedily(vectors);
}

function differingAxes(vectors: Axis[][], dimensions: number): number[] {
  const first = vectors[0] as Axis[];
  const differing: number[] = [];
  for (let at = 0; at < dimensions; at++) {
    if (vectors.some((vector) => vector[at]?.key !== first[at]?.key)) differing.push(at);
  }
  return differing;
}

function mergeAll(vectors: Axis[][], at: number): Axis[] {
  const merged = [...(vectors[0] as Axis[])];
  merged[at] = axis(vectors.flatMap((vector) => (vector[at] as Axis).items));
  return merged;
}

/**
 * Joins vectors that differ in one axis only until none is left. Which pairs are tried first decides the result where
 * several are possible; the order is ClusterShell's: largest first, quick passes over neighbours, then one over all pairs.
 */
function mergeGreedily(vectors: Axis[][]): Axis[][] {
  let list = vectors;
  let everyPair = false;
  for (;;) {
    list.sort(bySizeThenFirst);
    const { merged, changed } = mergePass(list, everyPair);
    list = merged;
    if (changed) continue;
    if (everyPair) return list;
    everyPair = true;
  }
}

function mergePass(list: Axis[][], everyPair: boolean): { merged: Axis[][]; changed: boolean } {
  const gone = new Uint8Array(list.length);
  let changed = false;
  for (let at = 0; at < list.length; at++) {
    if (gone[at]) continue;
    for (let other = at + 1; other < list.length; other++) {
      if (gone[other]) continue;
      const joined = join(list[at] as Axis[], list[other] as Axis[]);
      if (joined) {
        list[at] = joined;
        gone[other] = 1;
        changed = true;
      } else if (!everyPair) break;
    }
  }
  return { merged: changed ? list.filter((_, at) => !gone[at]) : list, changed };
}

/** One vector for both when they differ in exactly one axis. Vectors never share a name, so that axis is disjoint. */
function join(a: Axis[], b: Axis[]): Axis[] | undefined {
  let differs = -1;
  for (let at = 0; at < a.length; at++) {
    if (a[at]?.key === b[at]?.key) continue;
    if (differs >= 0) return undefined;
    differs = at;
  }
  if (differs < 0) return a;
  const joined = [...a];
  joined[differs] = axis([...(a[differs] as Axis).items, ...(b[differs] as Axis).items]);
  return joined;
}

function bySizeThenFirst(a: Axis[], b: Axis[]): number {
  const size = (vector: Axis[]): number => vector.reduce((product, one) => product * one.items.length, 1);
  const bySize = size(b) - size(a);
  if (bySize) return bySize;
  for (let at = 0; at < a.length; at++) {
    const [x, y] = [(a[at] as Axis).items, (b[at] as Axis).items];
    const order = y.length - x.length || byText(x[0] as string, y[0] as string) || byText(x.at(-1) as string, y.at(-1) as string);
    if (order) return order;
  }
  return 0;
}

function render(pattern: string, vector: Axis[]): string {
  let at = 0;
  return pattern.replace(/%s|%%/g, (found) => {
    if (found === '%%') return '%';
    const { items } = vector[at++] as Axis;
    return items.length === 1 ? (items[0] as string) : `[${renderRuns(items)}]`;
  });
}

/**
 * `1-3,7,09-10`. A run continues over 9 → 10 when it is not padded; a padded run keeps its length. After a lone number
 * the run that follows inherits its padding, as in ClusterShell: `08,98-99,100`, yet `98-100`.
 */
function renderRuns(items: string[]): string {
  const runs: string[] = [];
  let first = items[0] as string;
  let last = first;
  let padded = isPadded(first);
  let length = first.length;
  const close = (): void => {
    runs.push(first === last ? first : `${first}-${last}`);
  };
  for (const item of items.slice(1)) {
    const otherPadding = padded ? item.length !== length : isPadded(item);
    const follows = !otherPadding && isNext(last, item);
    if (!follows) {
      const wasRun = first !== last;
      close();
      first = item;
      if (otherPadding || wasRun) {
        padded = isPadded(item);
        length = item.length;
      }
    }
    last = item;
  }
  close();
  return runs.join(',');
}

const isPadded = (digits: string): boolean => digits.length > 1 && digits.startsWith('0');

const isNext = (a: string, b: string): boolean => (b.length < 16 ? Number(b) === Number(a) + 1 : BigInt(b) === BigInt(a) + 1n);

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const byLengthThenText = (a: string, b: string): number => a.length - b.length || byText(a, b);
