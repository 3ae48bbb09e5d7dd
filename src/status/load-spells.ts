import type { Queries } from '../store/db.ts';
import { oneLine } from './plain.ts';
import type { Spell } from './story.ts';
import { type ComponentStatus, isComponentStatus } from './words.ts';

/**
 * When which component was ill since `from` (domain ms), by what each incident the public may read did to it. Several may be ill at once; the bars take
 * the worst. An incident whose changes were not kept counts from its begin to its end, as it was at its worst that is known.
 */
export async function loadSpells(db: Queries, from: number): Promise<Spell[]> {
  const rows = await db.query<ChangeRow>(
    `select i.id as incident, i.resolved, c.component, c.status, c.at
     from incidents i join component_changes c on c.incident = i.id
     where i.public and i.state <> 'merged' and (i.resolved is null or i.resolved >= $1) order by i.id, c.component, c.at, c.id`,
    [new Date(from)],
  );
  const without = await db.query<ChangeRow>(
    `select i.id as incident, i.resolved, c.component, c.status, greatest(c.since, i.began) as at
     from incidents i join incident_components c on c.incident = i.id
     where i.public and i.state <> 'merged' and i.kind = 'incident' and (i.resolved is null or i.resolved >= $1)
       and not exists (select 1 from component_changes known where known.incident = i.id and known.component = c.component)`,
    [new Date(from)],
  );
  return [...spellsOf(rows), ...spellsOf(without)];
}

interface ChangeRow {
  incident: string;
  resolved: Date | null;
  component: string;
  status: string;
  at: Date;
}

/** Each lasts until the next of the same incident and component, and none longer than its incident. */
function spellsOf(rows: readonly ChangeRow[]): Spell[] {
  return rows.flatMap((row, n): Spell[] => {
    const status: ComponentStatus | undefined = isComponentStatus(row.status) ? row.status : undefined;
    if (!status || status === 'operational') return [];
    const next = rows[n + 1];
    const follows = next?.incident === row.incident && next.component === row.component ? next.at.getTime() : undefined;
    const ends = Math.min(follows ?? Infinity, row.resolved?.getTime() ?? Infinity);
    return [{ component: oneLine(row.component), status, from: row.at.getTime(), ...(Number.isFinite(ends) && { until: ends }) }];
  });
}
