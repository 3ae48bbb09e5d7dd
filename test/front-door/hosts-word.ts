import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SavedFleet } from '../../src/sandbox/saved.ts';

/** What simulated hosts themselves say was done to them; times are domain milliseconds. */
export interface HostsWord {
  /** How often each host was told to reboot and took it, by intent: never more than once. */
  told: Record<string, number>;
  /** Calls the hosts refused, because they had been told by that intent already. */
  refused: string[];
  calledOff: string[];
  /** Boots of each host since it was made, the first not counted. */
  boots: Record<string, number>;
  /** From when to when each was down. */
  down: Span[];
  /** When any of them last did something it was told to. */
  lastTold: number;
}

export interface Span {
  host: string;
  from: number;
  to: number;
}

export function hostsWord(dataDir: string): HostsWord {
  const { hosts } = JSON.parse(readFileSync(join(dataDir, 'sandbox', 'fleet.json'), 'utf8')) as SavedFleet;
  const word: HostsWord = { told: {}, refused: [], calledOff: [], boots: {}, down: [], lastTold: 0 };
  for (const [host, { boots, journal = [] }] of Object.entries(hosts)) {
    if (boots > 1) word.boots[host] = boots - 1;
    let since: number | undefined;
    for (const { what, at, intent: full = '' } of journal) {
      const intent = short(full);
      if (what === 'told') {
        word.told[intent] = (word.told[intent] ?? 0) + 1;
        word.lastTold = Math.max(word.lastTold, at);
      } else if (what === 'refused') word.refused.push(intent);
      else if (what === 'called off') word.calledOff.push(intent);
      else if (what === 'down') since = at;
      else if (since !== undefined) {
        word.down.push({ host, from: since, to: at });
        since = undefined;
      }
    }
    if (since !== undefined) word.down.push({ host, from: since, to: Number.POSITIVE_INFINITY });
  }
  return word;
}

/** `R1-web01-1`, after it was called off `R1-web01-1.1`: without the moment that tells the R1 of one database from that of another. */
const short = (intent: string): string => intent.replace(/^(R\d+-.+-\d+)-[a-z0-9]+(\.\d+)?$/, '$1$2');

/** The most of these that overlap at any instant, and who. Ends touch without overlapping. */
export function mostAtOnce(spans: readonly Span[]): { most: number; who: string[] } {
  let best: Span[] = [];
  for (const { from } of spans) {
    const then = spans.filter((span) => span.from <= from && from < span.to);
    if (then.length > best.length) best = then;
  }
  return { most: best.length, who: best.map(({ host }) => host) };
}
