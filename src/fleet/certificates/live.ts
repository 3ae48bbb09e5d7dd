/** What listeners show after a rotation, by their numbers. */
export interface Live {
  /** They show the new certificate. */
  live: number[];
  /** They show another one, or nothing any more. */
  old: number[];
  /** Of the old ones those that answered before and answer no more. */
  gone: number[];
  /** Nobody answered, before or after: whether they are live is not known. */
  silent: number[];
}

/** Fingerprints in one order: what each listener showed before, what it shows now (null = no answer), and what it is to show. */
export function liveOf(before: readonly (string | null)[], now: readonly (string | null)[], wanted: readonly (string | undefined)[]): Live {
  const all = wanted.map((_, n) => n);
  const silent = all.filter((n) => shown(before, n) === null && shown(now, n) === null);
  // One that failed to answer a single time before may serve what it likes now: it is asked like any other.
  const old = all.filter((n) => !silent.includes(n) && shown(now, n) !== wanted[n]);
  return {
    ...{ silent, old },
    live: all.filter((n) => !silent.includes(n) && !old.includes(n)),
    gone: old.filter((n) => shown(now, n) === null),
  };
}

const shown = (what: readonly (string | null)[], n: number): string | null => what[n] ?? null;
