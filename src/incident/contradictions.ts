import { names } from '../rollout/words.ts';
import { hostsNamedIn } from './named-hosts.ts';
import type { Incident, Outage } from './shapes.ts';

/** Something that was said and does not fit what was seen. It is shown to people, and never smoothed: nobody knows which of the two is right. */
export interface Contradiction {
  kind: 'named, never down' | 'down, not named' | 'duration' | 'still down';
  /** One sentence. */
  says: string;
  hosts: string[];
  /** When it was said, domain ms. */
  at?: number;
}

/** Words people wrote about it: updates and notes. */
export interface Words {
  text: string;
  at: number;
  by: string;
  resolved?: boolean;
}

/** What does not fit, as things stand. `known` = hosts of the inventory. `time` says a moment, `20:30`. */
export function contradictions(
  incident: Pick<Incident, 'hosts' | 'state'>,
  words: readonly Words[],
  known: { has(name: string): boolean },
  time: (at: number) => string,
): Contradiction[] {
  const rows = new Set(incident.hosts.map(({ host }) => host));
  const all = { has: (name: string) => known.has(name) || rows.has(name) };
  return [
    ...neverDown(incident, words, all, time),
    ...words.filter(({ resolved }) => resolved).flatMap((said) => leftOut(incident, said, time)),
    ...words.flatMap((said) => wrongDuration(incident, said, time)),
    ...stillDown(incident),
  ];
}

/** Hosts that went down, and that a text which names others leaves out. A text that names none forgets none. */
export function forgottenIn(incident: Pick<Incident, 'hosts'>, text: string): string[] {
  const down = downHosts(incident);
  const named = new Set(hostsNamedIn(text, new Set(incident.hosts.map(({ host }) => host))));
  return named.size === 0 ? [] : down.filter((host) => !named.has(host));
}

const downHosts = ({ hosts }: Pick<Incident, 'hosts'>): string[] => [...new Set(hosts.filter(({ down }) => down !== undefined).map(({ host }) => host))];

function neverDown(
  { hosts }: Pick<Incident, 'hosts'>,
  words: readonly Words[],
  all: { has(name: string): boolean },
  time: (at: number) => string,
): Contradiction[] {
  // Whom somebody put into the table by hand is affected without having been down.
  const listed = new Set(hosts.filter(({ down, source }) => down !== undefined || source === 'person').map(({ host }) => host));
  const said = new Set<string>();
  return words.flatMap(({ text, at, by }) => {
    const hosts = hostsNamedIn(text, all).filter((host) => !listed.has(host) && !said.has(host));
    for (const host of hosts) said.add(host);
    return hosts.length === 0
      ? []
      : [{ kind: 'named, never down' as const, says: `${list(hosts)} named by ${by} at ${time(at)}, and in no outage`, hosts, at }];
  });
}

function leftOut(incident: Pick<Incident, 'hosts'>, { text, at }: Words, time: (at: number) => string): Contradiction[] {
  const hosts = forgottenIn(incident, text);
  return hosts.length === 0
    ? []
    : [{ kind: 'down, not named', says: `${list(hosts)} in the outage table, and missing from what was said at ${time(at)}`, hosts, at }];
}

const ABOUT = /outage|down|unavailab|offline|unreachab|interrupt|duration|lasted/i;
const RANGE = /(\d{1,4})\s*(?:min(?:ute)?s?\s*)?(?:-|–|—|to|and)\s*(?:approximately |about |roughly )?(\d{1,4})\s*min(?:ute)?s?\b/i;

function wrongDuration({ hosts }: Pick<Incident, 'hosts'>, { text, at }: Words, time: (at: number) => string): Contradiction[] {
  const minutes = hosts.flatMap(minutesOf);
  if (minutes.length === 0) return [];
  const [shortest, longest] = [Math.min(...minutes), Math.max(...minutes)];
  return text.split(/(?<=[.!?])\s+|\n/).flatMap((sentence) => {
    const [range, from, to] = (ABOUT.test(sentence) && RANGE.exec(sentence)) || [];
    if (range === undefined || (shortest >= Number(from) && longest <= Number(to))) return [];
    const outside = hosts.filter((row) => minutesOf(row).some((one) => one < Number(from) || one > Number(to))).map(({ host }) => host);
    const says = `outages lasted ${shortest} to ${longest} minutes, and ${time(at)} says ${from} to ${to} minutes`;
    return [{ kind: 'duration' as const, says, hosts: [...new Set(outside)], at }];
  });
}

/** Of one that is over: whole minutes. */
export function minutesOf({ down, up }: Pick<Outage, 'down' | 'up'>): number[] {
  return down === undefined || up === undefined ? [] : [Math.round((up - down) / 60_000)];
}

function stillDown({ hosts, state }: Pick<Incident, 'hosts' | 'state'>): Contradiction[] {
  const down = hosts.filter((row) => row.down !== undefined && row.up === undefined).map(({ host }) => host);
  if (down.length === 0 || (state !== 'resolved' && state !== 'postmortem')) return [];
  return [{ kind: 'still down', says: `it is ${state}, and nothing says that ${names(down, 8)} came back`, hosts: down }];
}

const list = (hosts: readonly string[]): string => `${names(hosts, 8)} ${hosts.length === 1 ? 'is' : 'are'}`;
