import type { Queries } from '../store/db.ts';
import { oneLine } from './plain.ts';
import type { Spell } from './story.ts';
import { isComponentStatus } from './words.ts';

/** When which component was ill since `from` (domain ms), as the public read it at the time: each change lasts until the next of that component. */
export async function loadSpells(db: Queries, from: number): Promise<Spell[]> {
  const rows = await db.query<{ component: string; status: string; at: Date }>(
    `select component, status, at from component_changes
     where at >= $1 or id in (select max(id) from component_changes where at < $1 group by component) order by component, id`,
    [new Date(from)],
  );
  return rows.flatMap((row, n): Spell[] => {
    if (!isComponentStatus(row.status) || row.status === 'operational') return [];
    const next = rows[n + 1];
    return [
      {
        component: oneLine(row.component),
        status: row.status,
        from: row.at.getTime(),
        ...(next?.component === row.component && { until: Math.max(next.at.getTime(), row.at.getTime()) }),
      },
    ];
  });
}
