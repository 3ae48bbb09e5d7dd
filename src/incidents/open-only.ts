import { type Incident, isOpen } from '../incident/shapes.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Tx } from '../store/db.ts';
import { incidentNamed } from './rows.ts';

/** One that goes on, locked. Throws Refusal for one that is over. */
export async function openOnly(tx: Tx, id: string): Promise<Incident> {
  const { incident } = await incidentNamed(tx, id, 'for update');
  if (isOpen(incident) || (incident.kind === 'maintenance' && incident.state !== 'completed')) return incident;
  throw new Refusal(
    incident.mergedInto === undefined ? `${id} is ${incident.state}. "incident reopen ${id} …" opens it again.` : `${id} goes on as ${incident.mergedInto}.`,
  );
}
