import type { Queries } from '../store/db.ts';

/** An incident and every one that goes on as it, also over another: what was recorded of those is its own. The first is itself. */
export async function allOfIt(db: Queries, id: string): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `with recursive it as (select $1::text as id union select i.id from incidents i join it on i.merged_into = it.id) select id from it where id <> $1`,
    [id],
  );
  return [id, ...rows.map((row) => row.id)];
}
