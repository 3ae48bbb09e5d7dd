import type { RunRow } from './rows.ts';

/**
 * Domain ms until a run is done: what was said for the part that is not done, stretched by how late the done part was once a
 * quarter is done; before that the canary's soak would make everything look late. Absent before it began.
 */
export function remaining(
  { size, prediction, begun_at: begun }: Pick<RunRow, 'size' | 'prediction' | 'begun_at'>,
  done: number,
  now: number,
): number | undefined {
  if (!begun || size === 0) return undefined;
  const share = done / size;
  const late = share >= 0.25 && prediction.p50 > 0 ? Math.max(1, (now - begun.getTime()) / (share * prediction.p50)) : 1;
  return (1 - share) * prediction.p50 * late;
}
