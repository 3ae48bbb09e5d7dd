import type { Incident, Outage } from '../incident/shapes.ts';
import { publicCode } from '../lib/ids.ts';
import type { Tx } from '../store/db.ts';
import { toJsonb, toText } from '../store/json.ts';
import { armTimer } from '../store/timers.ts';
import { noteHealth } from './health.ts';

/** A new incident's row, and everything it begins with. */
export async function insertIncident(tx: Tx, incident: Incident, more: { place: unknown; rev: number; at: number }): Promise<void> {
  await tx.query(
    `insert into incidents (id, code, kind, state, title, severity, public, by_itself, lead, by, zone, place, began, opened, scheduled_for,
       scheduled_until, changed)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $14)`,
    [
      ...[incident.id, publicCode(), incident.kind, incident.state, toText(incident.title), incident.severity, incident.public, incident.byItself],
      ...[incident.lead ?? null, incident.by, incident.zone, toJsonb(more.place ?? {}), date(incident.began), date(incident.opened)],
      ...[date(incident.window?.from), date(incident.window?.until)],
    ],
  );
  await writeIncident(tx, { ...incident, updates: [], components: {}, hosts: [] }, incident, more);
}

/** What differs between two moments of an incident; whatever shows it shows it as it is now, and its timer looks at it again. */
export async function writeIncident(tx: Tx, before: Incident, after: Incident, { rev, at }: { rev: number; at: number }): Promise<void> {
  await tx.query(
    `update incidents set state = $2, rev = $3, severity = $4, public = $5, lead = $6, merged_into = $7, began = $8, identified = $9, monitored = $10,
       resolved = $11, update_due = $12, second_asked = $13, scheduled_for = $14, scheduled_until = $15, changed = $16, title = $17 where id = $1`,
    [
      ...[after.id, after.state, rev, after.severity, after.public, after.lead ?? null, after.mergedInto ?? null, date(after.began)],
      ...[date(after.identified), date(after.monitored), date(after.resolved), date(after.updateDue), date(after.secondAsked)],
      ...[date(after.window?.from), date(after.window?.until), date(at), toText(after.title)],
    ],
  );
  await writeHosts(tx, before, after);
  const changed = await writeComponents(tx, before, after);
  await writeUpdates(tx, before, after, changed);
  await noteHealth(tx, after.id, Object.keys(after.components), at);
  await tx.query(`update cards set wanted_rev = wanted_rev + 1 where thing_kind = 'incident' and thing_id = $1`, [after.id]);
  await tx.notify('shown', `incident:${after.id}`);
  await armTimer(tx, { kind: 'incident', ref: after.id, due: at });
}

async function writeHosts(tx: Tx, before: Incident, after: Incident): Promise<void> {
  const said = new Map(before.hosts.map((row) => [key(row), JSON.stringify(row)]));
  const kept = new Set(after.hosts.map(key));
  const gone = before.hosts.filter((row) => !kept.has(key(row)));
  if (gone.length > 0) await tx.query(`delete from incident_hosts where incident = $1 and host || '/' || nth = any ($2::text[])`, [after.id, gone.map(key)]);
  const rows = after.hosts.filter((row) => said.get(key(row)) !== JSON.stringify(row));
  if (rows.length === 0) return;
  await tx.query(
    `insert into incident_hosts (incident, host, nth, down, up, cause, source, corrected_by)
     select $1, host, nth, down, up, cause, source, corrected_by
     from jsonb_to_recordset($2::jsonb) as h (host text, nth int, down timestamptz, up timestamptz, cause text, source text, corrected_by text)
     on conflict (incident, host, nth) do update set down = excluded.down, up = excluded.up, cause = excluded.cause, source = excluded.source,
       corrected_by = excluded.corrected_by`,
    [
      after.id,
      toJsonb(
        rows.map(({ host, nth, down, up, cause, source, correctedBy }) => ({
          host,
          nth,
          down: date(down),
          up: date(up),
          cause,
          source,
          corrected_by: correctedBy,
        })),
      ),
    ],
  );
}

const key = ({ host, nth }: Outage): string => `${host}/${nth}`;

/** Answers what changed, as updates tell it: `[{ component, from, to }]`. */
async function writeComponents(tx: Tx, before: Incident, after: Incident): Promise<{ component: string; from: string; to: string }[]> {
  const changed = Object.entries(after.components).filter(([name, { health }]) => before.components[name]?.health !== health);
  if (changed.length === 0) return [];
  await tx.query(
    `insert into incident_components (incident, component, status, since)
     select $1, component, status, since from jsonb_to_recordset($2::jsonb) as c (component text, status text, since timestamptz)
     on conflict (incident, component) do update set status = excluded.status, since = excluded.since`,
    [after.id, toJsonb(changed.map(([component, { health, since }]) => ({ component, status: health, since: date(since) })))],
  );
  return changed.map(([component, { health }]) => ({ component, from: before.components[component]?.health ?? 'operational', to: health }));
}

async function writeUpdates(tx: Tx, before: Incident, after: Incident, components: unknown): Promise<void> {
  for (const [n, { status, text, by, at }] of after.updates.entries()) {
    if (n < before.updates.length) continue;
    await tx.query(`insert into incident_updates (incident, n, code, status, body, by, at, components) values ($1, $2, $3, $4, $5, $6, $7, $8)`, [
      ...[after.id, n + 1, publicCode(), status, toText(text), by, date(at), toJsonb(components)],
    ]);
  }
}

const date = (at: number | undefined): Date | null => (at === undefined ? null : new Date(at));
