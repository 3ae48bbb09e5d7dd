/** From when to when something was in hand; without an end it still is. */
export interface Span {
  from: number;
  to?: number;
}

/**
 * How many spans lay over one another at most. A span that ends in the moment another begins does not touch it: a place is
 * given back and taken in one transaction.
 */
export function mostAtOnce(spans: readonly Span[]): number {
  const turns = spans.flatMap(({ from, to }) => [{ at: from, by: 1 }, ...(to === undefined ? [] : [{ at: Math.max(from, to), by: -1 }])]);
  turns.sort((a, b) => a.at - b.at || a.by - b.by);
  let now = 0;
  let most = 0;
  for (const { by } of turns) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}
