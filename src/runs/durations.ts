import type { Queries } from '../store/db.ts';

/** How many of the last doings of a class count. */
const LAST = 50;

/** How long the last hosts of each class took with a job, domain ms. */
export async function durationsOf(db: Queries, job: string): Promise<Record<string, number[]>> {
  const rows = await db.query<{ class: string; ms: string }>(
    `select class, ms from (select class, ms, row_number() over (partition by class order by id desc) as n from durations where job = $1) as last where n <= $2`,
    [job, LAST],
  );
  const byClass: Record<string, number[]> = {};
  for (const { class: kind, ms } of rows) byClass[kind] = [...(byClass[kind] ?? []), Number(ms)];
  return byClass;
}
