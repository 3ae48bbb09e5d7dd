import { foldSome } from '../fleet/target/fold-some.ts';
import { publicTitle } from './public-title.ts';
import type { Incident } from './shapes.ts';
import type { Recorded } from './timeline.ts';

/** One line of the story as the public reads it. */
export interface PublicEntry {
  /** Domain ms. */
  at: number;
  says: string;
}

/**
 * The story for those outside: what they read while it went on, what hosts of the outage table did, and how changes of ours went. It is made from what
 * is known of each event, never from words that were typed or sent among ourselves: no reason, no person, no alert, no id. What is not named here is not told.
 */
export function publicStory(incident: Incident, events: readonly Recorded[]): PublicEntry[] {
  const inTable = new Set(incident.hosts.flatMap(({ host, down }) => (down === undefined ? [] : [host])));
  return events
    .flatMap((event, n) => {
      const says = event.thing.startsWith('INC-') ? sayIncident(event, incident, inTable) : event.thing.startsWith('R') ? RUN.get(event.type) : undefined;
      return says === undefined ? [] : [{ at: event.at, says, n }];
    })
    .sort((a, b) => a.at - b.at || a.n - b.n)
    .map(({ at, says }) => ({ at, says }));
}

function sayIncident({ thing, type, data }: Recorded, incident: Incident, inTable: ReadonlySet<string>): string | undefined {
  const text = String(data['text'] ?? '');
  const own = thing === incident.id;
  switch (type) {
    case 'opened':
      if (own) return `opened, ${data['severity']}: ${publicTitle({ ...incident, components: Object.keys(incident.components) })}`;
      // Of one that was merged into this one the public knows only what a person opened.
      return data['public'] === true ? `opened, ${data['severity']}: ${data['title']}` : undefined;
    case 'updated':
      return text;
    case 'identified':
    case 'monitoring':
    case 'resolved':
    case 'reopened':
    case 'postmortem':
      return `${type}: ${text}`;
    case 'severity':
      return own ? `severity ${data['severity']}` : undefined;
    case 'hosts down':
      return sayHosts(hostsIn(data), inTable, 'down');
    case 'hosts up':
      return sayHosts(hostsIn(data), inTable, 'back');
    case 'corrected':
      return sayHosts([String(data['host'])], inTable, 'put right in the table');
    default:
      return undefined;
  }
}

/** Only those of the outage table are public; their causes stand there. */
function sayHosts(hosts: readonly string[], inTable: ReadonlySet<string>, what: string): string | undefined {
  const told = hosts.filter((host) => inTable.has(host));
  return told.length === 0 ? undefined : `${foldSome(told, 200)} ${what}`;
}

const hostsIn = (data: Record<string, unknown>): string[] => ((data['hosts'] as { host: string }[] | undefined) ?? []).map(({ host }) => host);

/** Who said yes to it, or took it, is between us. */
const RUN: ReadonlyMap<string, string> = new Map([
  ['planned', 'a change was planned'],
  ['halted', 'a change was halted'],
  ['gone on', 'a change went on'],
  ['done', 'a change was completed'],
  ['cancelled', 'a change was called off'],
]);
