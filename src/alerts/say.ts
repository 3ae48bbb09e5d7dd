import { foldSome } from '../fleet/target/fold-some.ts';
import type { AlertRow } from './rows.ts';

type Said = Pick<AlertRow, 'summary' | 'hosts' | 'service'>;

/** Different things that are wrong, named in one line. */
const KINDS = 3;
/** Characters of names, and of one summary among several. */
const ROOM = 100;
const LONGEST = 120;

/**
 * What a page about alerts says, in one line: `web03: HTTP 5xx`; `kvm01 and 5 guests (db01,web[01-04]): does not answer`; `12 alerts of web on
 * web[01-12]: HTTP 5xx (8), disk full (4)`. `parent`: the host they all come down to.
 */
export function sayAlerts(alerts: readonly Said[], parent?: string): string {
  const hosts = [...new Set(alerts.flatMap((alert) => alert.hosts))];
  const [only] = alerts;
  if (parent !== undefined && hosts.some((host) => host !== parent)) {
    const guests = hosts.filter((host) => host !== parent);
    const own = alerts.filter((alert) => alert.hosts.includes(parent));
    return `${parent} and ${guests.length} ${guests.length === 1 ? 'guest' : 'guests'} (${foldSome(guests, ROOM)}): ${sayKinds(own.length > 0 ? own : alerts)}`;
  }
  if (alerts.length === 1 && only) return sayOne(only);
  const services = [...new Set(alerts.flatMap(({ service }) => service ?? []))];
  const of = services.length === 1 ? ` of ${services[0]}` : '';
  return `${alerts.length} alerts${of}${hosts.length > 0 ? ` on ${foldSome(hosts, ROOM)}` : ''}: ${sayKinds(alerts)}`;
}

function sayOne({ summary, hosts }: Said): string {
  const unsaid = hosts.filter((host) => !summary.includes(host));
  return unsaid.length > 0 ? `${foldSome(unsaid, ROOM)}: ${summary}` : summary;
}

function sayKinds(alerts: readonly Said[]): string {
  const counts = new Map<string, number>();
  for (const { summary } of alerts) counts.set(summary, (counts.get(summary) ?? 0) + 1);
  const kinds = [...counts].sort(([, a], [, b]) => b - a);
  const named = kinds.slice(0, KINDS).map(([summary, count]) => `${clip(summary)}${count > 1 ? ` (${count})` : ''}`);
  return `${named.join(', ')}${kinds.length > KINDS ? ` and ${kinds.length - KINDS} other things` : ''}`;
}

const clip = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);
