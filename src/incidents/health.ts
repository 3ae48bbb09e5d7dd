import { HEALTH, type Health, OPEN_STATES } from '../incident/shapes.ts';
import type { Tx } from '../store/db.ts';

/**
 * What the public reads of components an incident touches: the worst that any open incident says of them, one row a change. One that is resolved
 * makes nothing well that another still says is ill.
 */
export async function noteHealth(tx: Tx, incident: string, components: readonly string[], at: number): Promise<void> {
  if (components.length === 0) return;
  const rows = await tx.query<{ component: string; status: Health }>(
    `select c.component, c.status from incident_components c join incidents i on i.id = c.incident
     where c.component = any ($1::text[]) and i.public and i.state = any ($2::text[])`,
    [components, [...OPEN_STATES, 'in_progress', 'verifying']],
  );
  const last = new Map(
    (
      await tx.query<{ component: string; status: Health }>(
        `select distinct on (component) component, status from component_changes where component = any ($1::text[]) order by component, id desc`,
        [components],
      )
    ).map(({ component, status }) => [component, status]),
  );
  for (const component of components) {
    const now = worst(rows.filter((row) => row.component === component).map(({ status }) => status));
    if (now === (last.get(component) ?? 'operational')) continue;
    await tx.query(`insert into component_changes (component, status, at, incident) values ($1, $2, $3, $4)`, [component, now, new Date(at), incident]);
  }
}

const worst = (all: readonly Health[]): Health => HEALTH[Math.max(0, ...all.map((one) => HEALTH.indexOf(one)))] as Health;
