import type { CardAction } from '../chat/card.ts';
import { crashPoint } from '../lib/crash.ts';
import type { Queries, Tx } from './db.ts';
import { toJsonb, toText } from './json.ts';
import { armTimer } from './timers.ts';

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
export async function nextId(tx: Tx, kind: 'R' | 'INC-' | 'PG' | 'H' | 'E' | 'A'): Promise<string> {
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

/** The same for many things at once. */
export async function recordAll(tx: Tx, events: readonly { thing: string; type: string; data?: unknown; by: string; at: number }[]): Promise<void> {
  if (events.length === 0) return;
  await tx.query(
    `insert into events (thing, rev, type, data, by, at)
     select e.thing, coalesce((select max(rev) from events known where known.thing = e.thing), 0) + e.nth, e.type, e.data, e.by, to_timestamp(e.at / 1000.0)
     from (select *, (row_number() over (partition by thing order by n))::int as nth
           from jsonb_to_recordset($1::jsonb) as said (n int, thing text, type text, data jsonb, by text, at float8)) as e`,
    [toJsonb(events.map((event, n) => ({ n, data: {}, ...event })))],
  );
}

export function eventsOf(db: Queries, thing: string): Promise<RecordedEvent[]> {
  return db.query<RecordedEvent>(`select thing, rev, type, data, by, at from events where thing = $1 order by rev`, [thing]);
}

/**
 * Asks for a person: a page of its own, looked at at once. `to` = `person:ada` or `service:web`; unsaid, whoever answers for what it is about.
 * `policy` = frozen already.
 */
export async function askForPerson(
  tx: Tx,
  page: {
    text: string;
    urgency: 'low' | 'high' | 'critical';
    about?: string;
    to?: string;
    policy?: unknown;
    place?: unknown;
    more?: PageMore;
    by: string;
    at: number;
  },
): Promise<string> {
  const id = await nextId(tx, 'PG');
  const { text, urgency, about, to, by, at } = page;
  await tx.query(`insert into pages (id, text, urgency, about, recipient, policy, by, place, more, opened) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, [
    id,
    toText(text).slice(0, LONGEST),
    urgency,
    about ?? null,
    to ?? null,
    page.policy === undefined ? null : toJsonb(page.policy),
    by,
    toJsonb(page.place ?? {}),
    toJsonb(page.more ?? {}),
    new Date(at),
  ]);
  await record(tx, { thing: id, type: 'asked', data: { text, urgency, ...(about && { about }), ...(to && { to }) }, by, at });
  await armTimer(tx, { kind: 'page', ref: id, due: at });
  crashPoint('page.asked');
  return id;
}

/** What whoever asks adds to the brief: lines, and buttons for what is likely done next. */
export interface PageMore {
  body?: string[];
  actions?: CardAction[];
  /** It asks about the halt of a run of this incident, and about nothing else of it: over when no run of it is halted any more. */
  halt?: true;
}

/** Of a longer text no more is kept: a page is read at three in the morning. */
const LONGEST = 2_000;
