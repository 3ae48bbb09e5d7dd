import type { AlertEvent } from '../../alerts/event.ts';
import { dedupOf, detailsIn, digestOf, fieldOf, fieldsIn, hostsIn, lineIn, linkIn, momentIn, textIn } from './read.ts';
import type { From } from './told.ts';
import { urgencyOf } from './urgency.ts';

/** An alert with labels and annotations, as Prometheus, Alertmanager and Grafana send it. */
export interface Labelled {
  name: string | undefined;
  /** The same for the same labels, whoever counts. */
  fingerprint: string;
  /** As it was sent. */
  startsAt: number | undefined;
  endsAt: number | undefined;
  event: Omit<AlertEvent, 'dedup' | 'state'>;
}

/** The dead man's switch of kube-prometheus and others: it always fires, and is missed when it does not. */
export const isWatchdog = ({ name }: Labelled): boolean => name === 'Watchdog' || name === 'DeadMansSwitch';

export function labelledIn(value: unknown, from: From): Labelled {
  const { said } = from;
  const alert = fieldsIn(value);
  const labels = fieldsIn(alert['labels']);
  const notes = fieldsIn(alert['annotations']);
  const name = lineIn(labels['alertname'], 120);
  const [startsAt, endsAt] = [momentIn(alert['startsAt']), momentIn(alert['endsAt'])];
  const hosts = hostsIn(...said.host_labels.map((label) => fieldOf(labels, label)));
  const service = lineIn(fieldOf(labels, said.service_label));
  const link = linkIn(alert['panelURL'], alert['dashboardURL'], alert['generatorURL']);
  // As JSON: of what is no text nobody knows what String() makes.
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    name,
    fingerprint: dedupOf(
      textIn(alert['fingerprint'])?.replaceAll(' ', '_') ?? digestOf(...sorted.flatMap(([label, value]) => [label, JSON.stringify(value) ?? ''])),
    ),
    startsAt,
    endsAt,
    event: {
      integration: from.name,
      summary: summaryOf(name, lineIn(notes['summary']) ?? lineIn(notes['title']) ?? lineIn(notes['message']) ?? lineIn(notes['description']), hosts),
      urgency: urgencyOf(from, fieldOf(labels, said.severity_label)),
      ...serviceOf(from, service),
      hosts,
      ...(link !== undefined && { link }),
      details: detailsIn(notes, labels, alert['values'] === undefined ? {} : { values: alert['values'] }),
      ...startedAt(from, startsAt),
    },
  };
}

/** The service an alert names, where somebody answers for it, else that of its integration. */
export function serviceOf({ said, isService }: From, named: string | undefined): { service?: string } {
  const service = named !== undefined && isService(named) ? named : said.service;
  return service === undefined ? {} : { service };
}

/** A sender's moment in domain time; never one that is still to come. */
export function startedAt({ now, wall }: From, at: number | undefined): { started?: number } {
  return at === undefined ? {} : { started: Math.min(now, at - wall + now) };
}

function summaryOf(name: string | undefined, said: string | undefined, hosts: readonly string[]): string {
  if (said === undefined) return [name ?? 'An alert without a name', ...hosts.slice(0, 1)].join(' ');
  return name === undefined || said.toLowerCase().includes(name.toLowerCase()) ? said : `${name}: ${said}`;
}
