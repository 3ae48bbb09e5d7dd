import { addOutages, correctOutage, downAt, nameHosts, upAt } from './outages.ts';
import type { Happened, Health, Incident, IncidentState, OpenedData } from './shapes.ts';

/** What an incident is after something happened to it. What this version does not know changes nothing. */
export function apply(incident: Incident, happened: Happened): Incident {
  const { at, by } = happened;
  switch (happened.type) {
    case 'opened':
      return incident;
    case 'updated':
    case 'identified':
    case 'monitoring':
    case 'resolved':
    case 'reopened':
    case 'postmortem':
      return say(incident, { status: STATE_OF[happened.type] ?? incident.state, ...happened.data }, { at, by });
    case 'affected':
      return withHealth({ ...incident, hosts: nameHosts(incident.hosts, happened.data.hosts, happened.data.source ?? 'person') }, happened.data.components, at);
    case 'severity':
      return withHealth(promise({ ...incident, severity: happened.data.severity }, happened.data.due), happened.data.components, at);
    case 'lead':
      return { ...incident, lead: happened.data.lead };
    case 'hosts down': {
      const { hosts, source, components } = happened.data;
      const rows = hosts.reduce((all, host) => downAt(all, host, source), incident.hosts);
      return withHealth(sinceFirst({ ...incident, hosts: rows }), components, at);
    }
    case 'hosts up':
      return { ...incident, hosts: happened.data.hosts.reduce((rows, host) => upAt(rows, host), incident.hosts) };
    case 'corrected':
      return corrected({ ...incident, hosts: correctOutage(incident.hosts, happened.data, by) }, happened.data.opened);
    case 'merged': {
      const { updateDue: _, ...rest } = incident;
      return { ...withHealth(rest, allWell(incident), at), state: 'merged', mergedInto: happened.data.into };
    }
    case 'took in': {
      const { began, hosts, components, text, due } = happened.data;
      const heard = text === undefined ? {} : { public: true, updates: [...incident.updates, { status: incident.state, text, by, at }] };
      return withHealth(
        { ...promise(incident, due), ...heard, began: Math.min(incident.began, Date.parse(began)), hosts: addOutages(incident.hosts, hosts) },
        components,
        at,
      );
    }
    case 'second writer asked':
      return { ...incident, secondAsked: at };
    case 'maintenance moved': {
      const { status, text, from, until, components } = happened.data;
      const window = from !== undefined && until !== undefined ? { window: { from: Date.parse(from), until: Date.parse(until) } } : {};
      const ended = status === 'completed' ? { resolved: at } : {};
      return withHealth({ ...incident, ...window, ...ended, state: status, updates: [...incident.updates, { status, text, by, at }] }, components, at);
    }
    default:
      return incident;
  }
}

/** An incident at its first moment. */
export function begin(id: string, data: OpenedData, { by, at }: { by: string; at: number }): Incident {
  const kind = data.kind ?? 'incident';
  const state: IncidentState = kind === 'maintenance' ? 'scheduled' : 'investigating';
  const opened: Incident = {
    ...{ id, kind, state, by },
    title: data.title,
    severity: data.severity,
    public: data.public ?? false,
    byItself: data.public !== true,
    ...(data.lead !== undefined && { lead: data.lead }),
    zone: data.zone ?? 'UTC',
    began: Math.min(at, data.began === undefined ? at : Date.parse(data.began)),
    opened: at,
    ...(data.window && { window: { from: Date.parse(data.window.from), until: Date.parse(data.window.until) } }),
    updates: data.text === undefined ? [] : [{ status: state, text: data.text, by, at }],
    components: {},
    hosts: nameHosts([], data.hosts, data.source ?? 'person'),
  };
  return withHealth(promise(opened, data.due), data.components, at);
}

const STATE_OF: Partial<Record<Happened['type'], IncidentState>> = {
  identified: 'identified',
  monitoring: 'monitoring',
  resolved: 'resolved',
  reopened: 'investigating',
  postmortem: 'postmortem',
};

/** Words for the public make it public, keep the promise that was given, and give the next. */
function say(
  incident: Incident,
  said: { status: IncidentState; text: string; due?: string; components?: Record<string, Health> },
  { at, by }: { at: number; by: string },
): Incident {
  const { status, text } = said;
  const over = status === 'resolved' || status === 'postmortem';
  const { resolved: _, ...again } = incident;
  const next: Incident = {
    ...(over ? incident : again),
    state: status,
    public: true,
    ...(status === 'identified' && { identified: incident.identified ?? at }),
    ...(status === 'monitoring' && { monitored: at }),
    ...(status === 'resolved' && { resolved: at }),
    updates: [...incident.updates, { status, text, by, at }],
  };
  return withHealth(promise(next, over ? null : said.due), over ? allWell(incident) : said.components, at);
}

/** Unsaid, what was promised stands; null takes it back. A new promise has a new second writer. */
function promise(incident: Incident, due: string | null | undefined): Incident {
  if (due === undefined) return incident;
  const { updateDue: _, secondAsked: __, ...rest } = incident;
  return due === null ? rest : { ...rest, updateDue: Date.parse(due) };
}

function withHealth(incident: Incident, components: Record<string, Health> | undefined, at: number): Incident {
  if (!components) return incident;
  const changed = Object.entries(components).filter(([name, health]) => incident.components[name]?.health !== health);
  return { ...incident, components: { ...incident.components, ...Object.fromEntries(changed.map(([name, health]) => [name, { health, since: at }])) } };
}

/** It began with the first outage, whenever somebody knew. */
const sinceFirst = (incident: Incident): Incident => ({ ...incident, began: Math.min(incident.began, ...incident.hosts.flatMap(({ down }) => down ?? [])) });

/** An outage that is put right takes back what it said of the beginning; without `opened` nobody knows what there was before. */
const corrected = (incident: Incident, opened: string | undefined): Incident =>
  sinceFirst(opened === undefined ? incident : { ...incident, began: Date.parse(opened) });

const allWell = ({ components }: Incident): Record<string, Health> => Object.fromEntries(Object.keys(components).map((name) => [name, 'operational']));
