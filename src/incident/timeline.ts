import { foldSome } from '../fleet/target/fold-some.ts';
import type { Health } from './shapes.ts';

/** One line of an incident's story. */
export interface Entry {
  /** Domain ms. */
  at: number;
  by: string;
  /** What kind of thing speaks: `update`, `note`, `outage`, `run`, `page`, `alert`, `command`, `incident`. */
  kind: 'update' | 'note' | 'outage' | 'run' | 'page' | 'alert' | 'command' | 'incident';
  /** The thing it happened to: `INC-1`, `R1`, `PG1`. */
  thing: string;
  says: string;
}

/** Something that was recorded, of the incident or of what belongs to it. */
export interface Recorded {
  thing: string;
  type: string;
  data: Record<string, unknown>;
  by: string;
  at: number;
}

/** The story in order; nothing is decided here, and what this version does not know is told by its type. */
export function timelineOf(events: readonly Recorded[], others: readonly Entry[] = []): Entry[] {
  const entries = events.flatMap((event): Entry[] => {
    const said = event.thing.startsWith('INC-') ? sayOwn(event) : event.thing.startsWith('PG') ? sayPage(event) : sayRun(event);
    return said ? [{ at: event.at, by: event.by, thing: event.thing, ...said }] : [];
  });
  return [...entries, ...others]
    .map((entry, n) => ({ entry, n }))
    .sort((a, b) => a.entry.at - b.entry.at || a.n - b.n)
    .map(({ entry }) => entry);
}

type Spoken = Pick<Entry, 'kind' | 'says'>;

function sayOwn({ type, data }: Recorded): Spoken | undefined {
  const text = String(data['text'] ?? '');
  const because = data['because'] ? ` because ${data['because']}` : '';
  switch (type) {
    case 'opened':
      return { kind: 'incident', says: `opened, ${data['severity']}: ${data['title']}${hosts(data, ', ')}${because}` };
    case 'updated':
      return { kind: 'update', says: text };
    case 'identified':
    case 'monitoring':
    case 'resolved':
    case 'reopened':
    case 'postmortem':
      return { kind: 'update', says: `${type}: ${text}` };
    case 'noted':
      return { kind: 'note', says: `${text}${hosts(data, ' on ')}` };
    case 'affected':
      return { kind: 'outage', says: `affects${hosts(data, ' ')}${because}` };
    case 'severity':
      return { kind: 'incident', says: `severity ${data['severity']}${because}` };
    case 'lead':
      return { kind: 'incident', says: `led by ${data['lead']}` };
    case 'hosts down':
      return { kind: 'outage', says: `${outages(data)} down, seen by ${data['source']}` };
    case 'hosts up':
      return { kind: 'outage', says: `${outages(data)} back, seen by ${data['source']}` };
    case 'corrected':
      return { kind: 'outage', says: sayCorrection(data) + because };
    case 'merged':
      return { kind: 'incident', says: `merged into ${data['into']}` };
    case 'took in':
      return { kind: 'incident', says: `took in ${data['from']}` };
    case 'paged':
      return undefined;
    case 'second writer asked':
      return { kind: 'incident', says: data['person'] ? `${data['person']} was asked to write the update` : 'nobody could be asked to write the update' };
    case 'maintenance moved':
      return { kind: 'update', says: `${data['status']}: ${text}` };
    default:
      return { kind: 'incident', says: [type, text].filter(Boolean).join(': ') };
  }
}

function sayCorrection(data: Record<string, unknown>): string {
  const { host, down, up, cause, no } = data;
  if (no) return `${host} was not affected`;
  return `${host} put right:${down ? ` down ${down}` : ''}${up ? ` up ${up}` : ''}${cause ? ` cause ${cause}` : ''}`;
}

/** Steps of single tries are a page's own story. */
function sayPage({ thing, type, data, by }: Recorded): Spoken | undefined {
  const because = data['because'] ? `: ${data['because']}` : '';
  if (type === 'asked') return { kind: 'page', says: `${thing} asks: ${data['text']}` };
  if (type === 'acknowledged' || type === 'taken') return { kind: 'page', says: `${thing} is with ${by}${because}` };
  if (type === 'passed') return { kind: 'page', says: `${thing} passed on by ${by}${data['to'] ? ` to ${data['to']}` : ''}${because}` };
  if (type === 'lapsed') return { kind: 'page', says: `${thing}: what ${data['who']} said lapsed` };
  if (type === 'widened') return { kind: 'page', says: `${thing}: nobody had answered, everyone who may act is asked` };
  if (type === 'resolved' || type === 'silenced') return { kind: 'page', says: `${thing} ${type}${because}` };
  return undefined;
}

const RUN: ReadonlySet<string> = new Set(['planned', 'approved', 'glass broken', 'halted', 'gone on', 'done', 'cancelled', 'expired', 'taken']);

function sayRun({ thing, type, data }: Recorded): Spoken | undefined {
  if (!RUN.has(type)) return undefined;
  return { kind: 'run', says: `${thing} ${type}${data['because'] ? `: ${data['because']}` : ''}` };
}

const hosts = (data: Record<string, unknown>, before: string): string =>
  Array.isArray(data['hosts']) && data['hosts'].length > 0 ? `${before}${foldSome(data['hosts'].map(String), 200)}` : '';

function outages(data: Record<string, unknown>): string {
  const rows = (data['hosts'] as { host: string; cause?: string }[] | undefined) ?? [];
  const causes = [...new Set(rows.flatMap(({ cause }) => cause ?? []))];
  return `${foldSome(
    rows.map(({ host }) => host),
    200,
  )}${causes.length === 1 ? ` (${causes[0]})` : ''}`;
}

/** How a component's health is told. */
export const sayHealth = (health: Health): string => health.replaceAll('_', ' ');
