import { type Contradiction, minutesOf } from '../incident/contradictions.ts';
import type { Incident, Outage } from '../incident/shapes.ts';
import type { Entry } from '../incident/timeline.ts';
import type { RecordedEvent } from '../store/events.ts';

/** Stable; docs/json.md. Times are ISO, what is not known is null. */
export function incidentJson(incident: Incident): Record<string, unknown> {
  const { id, kind, state, title, severity, lead, by, zone, components, updates, hosts, mergedInto, window } = incident;
  return {
    ...{ id, kind, state, title, severity, public: incident.public, by, zone },
    lead: lead ?? null,
    began: iso(incident.began),
    opened: iso(incident.opened),
    identified: iso(incident.identified),
    monitored: iso(incident.monitored),
    resolved: iso(incident.resolved),
    next_update: iso(incident.updateDue),
    merged_into: mergedInto ?? null,
    window: window ? { from: iso(window.from), until: iso(window.until) } : null,
    components: Object.entries(components).map(([component, { health, since }]) => ({ component, status: health, since: iso(since) })),
    updates: updates.map(({ status, text, by: writer, at }) => ({ status, text, by: writer, at: iso(at) })),
    hosts: hosts.map(hostJson),
  };
}

/** With what does not fit and the whole story; `events` as they were recorded. */
export const storyJson = (
  incident: Incident,
  said: readonly Contradiction[],
  { events, timeline }: { events: readonly RecordedEvent[]; timeline: readonly Entry[] },
) => ({
  ...incidentJson(incident),
  contradictions: said.map(({ kind, says, hosts, at }) => ({ kind, says, hosts, at: iso(at) })),
  timeline: timeline.map(({ at, by, kind, thing, says }) => ({ at: iso(at), by, kind, thing, says })),
  events: events.map(({ rev, type, data, by, at }) => ({ rev, type, by, at: at.toISOString(), data })),
});

const hostJson = (row: Outage) => ({
  host: row.host,
  nth: row.nth,
  down: iso(row.down),
  up: iso(row.up),
  minutes: minutesOf(row)[0] ?? null,
  cause: row.cause ?? null,
  source: row.source,
  corrected_by: row.correctedBy ?? null,
});

const iso = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());
