import { apply } from '../incident/apply.ts';
import type { Happened, Incident } from '../incident/shapes.ts';
import { crashPoint } from '../lib/crash.ts';
import type { Tx } from '../store/db.ts';
import { record } from '../store/events.ts';
import { armTimer } from '../store/timers.ts';
import { incidentNamed } from './rows.ts';
import { writeIncident } from './write.ts';

export interface Moved {
  before: Incident;
  after: Incident;
  /** Of the event. */
  rev: number;
}

/**
 * Something happens to an incident: recorded, applied, and its rows written, in the transaction of whoever it happens to. Rows are locked by the
 * incident's own, so that two writers come one after the other. Throws Refusal where there is none.
 */
export async function moveIncident(tx: Tx, id: string, happened: Happened): Promise<Moved> {
  const { incident: before } = await incidentNamed(tx, id, 'for update');
  const after = apply(before, happened);
  const rev = await record(tx, { thing: id, ...happened });
  await writeIncident(tx, before, after, { rev, at: happened.at });
  if (after.state === 'resolved' && before.state !== 'resolved') await armTimer(tx, { kind: 'postmortem', ref: id, due: happened.at });
  crashPoint('incident.moved');
  return { before, after, rev };
}
