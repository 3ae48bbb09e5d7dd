import { begin } from '../incident/apply.ts';
import type { OpenedData } from '../incident/shapes.ts';
import { crashPoint } from '../lib/crash.ts';
import type { Tx } from '../store/db.ts';
import { nextId, record } from '../store/events.ts';
import { insertIncident } from './write.ts';

/**
 * Opens an incident: its event, its row, and the timer that tells of it (src/incidents/timer.ts). Unsaid, the public does not read it: what opens
 * by itself is public when a person writes an update. Answers its id.
 */
export async function openIncident(tx: Tx, { by, at, place, ...data }: OpenedData & { by: string; at: number; place?: unknown }): Promise<string> {
  const id = await nextId(tx, 'INC-');
  const rev = await record(tx, { thing: id, type: 'opened', data, by, at });
  await insertIncident(tx, begin(id, data, { by, at }), { place, rev, at });
  crashPoint('incident.opened');
  return id;
}
