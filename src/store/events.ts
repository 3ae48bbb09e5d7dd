import type { Queries, Tx } from './db.ts';
import { toJsonb } from './json.ts';

/** One thing that happened to an incident, a page or a run. `rev` is its order. */
export interface RecordedEvent {
  thing: string;
  rev: number;
  type: string;
  data: Record<string, unknown>;
  by: string;
  at: Date;
}

/** The next id of a kind, without gaps inside one database: `R1`, `PG1`, `INC-1`. */
export async function nextId(tx: Tx, kind: 'R' | 'INC-' | 'PG' | 'H' | 'E'): Promise<string> {
  const [row] = await tx.query<{ last: string }>(
    `insert into counters (kind, last) values ($1, 1)
     on conflict (kind) do update set last = counters.last + 1 returning last`,
    [kind],
  );
  return `${kind}${row?.last}`;
}

/** Appends to the life of a thing; its rows are locked by the unique rev, so two writers cannot both be next. */
export async function record(tx: Tx, event: { thing: string; type: string; data?: unknown; by: string; at: number }): Promise<number> {
  const [row] = await tx.query<{ rev: number }>(
    `insert into events (thing, rev, type, data, by, at)
     select $1, coalesce(max(rev), 0) + 1, $2, $3, $4, $5 from events where thing = $1 returning rev`,
    [event.thing, event.type, toJsonb(event.data ?? {}), event.by, new Date(event.at)],
  );
  return (row as { rev: number }).rev;
}

export function eventsOf(db: Queries, thing: string): Promise<RecordedEvent[]> {
  return db.query<RecordedEvent>(`select thing, rev, type, data, by, at from events where thing = $1 order by rev`, [thing]);
}

/**
 * Opens an incident as a recorded fact. Who is told and how its story is shown is the incident room's (later) work.
 * @public
 */
export async function openIncident(
  tx: Tx,
  incident: { title: string; severity: 'critical' | 'major' | 'minor'; hosts: readonly string[]; by: string; at: number; because?: string },
): Promise<string> {
  const { by, at, ...data } = incident;
  const thing = await nextId(tx, 'INC-');
  await record(tx, { thing, type: 'opened', data, by, at });
  return thing;
}

/**
 * Asks for a person as a recorded fact; the escalation room consumes it.
 * @public
 */
export async function askForPerson(
  tx: Tx,
  page: { text: string; urgency: 'low' | 'high' | 'critical'; about?: string; by: string; at: number },
): Promise<string> {
  const { by, at, ...data } = page;
  const thing = await nextId(tx, 'PG');
  await record(tx, { thing, type: 'asked', data, by, at });
  return thing;
}
