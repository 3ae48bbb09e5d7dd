import type { HostResult } from '../jobs.ts';
import type { Fleet } from './fleet.ts';
import type { HostState } from './host.ts';
import { foldNames } from './target/fold.ts';

interface Around {
  asked: readonly string[];
  known?: ReadonlyMap<string, HostState>;
  fleet: Fleet;
}

/** `3 of 100 down, 2 sites (bne 2, mel 1), last answers 20:01 to 20:02 UTC`. */
export function downTitle(down: readonly HostResult[], { asked, known, fleet }: Around): string {
  if (asked.length === 1) return `${down[0]?.host} down${lastSeen(down, known)}`;
  const bySite = new Map<string, number>();
  for (const { host } of down) {
    const site = fleet.hosts.get(host)?.site;
    if (site) bySite.set(site, (bySite.get(site) ?? 0) + 1);
  }
  const largest = [...bySite].sort((a, b) => b[1] - a[1]);
  const sites =
    largest.length === 0
      ? ''
      : `, ${largest.length === 1 ? '1 site' : `${largest.length} sites`} (${largest
          .slice(0, 6)
          .map(([site, count]) => `${site} ${count}`)
          .join(', ')}${largest.length > 6 ? ', …' : ''})`;
  return `${down.length} of ${asked.length} down${sites}${lastSeen(down, known)}`;
}

/** A line for each host that is down, equal ones folded; those whose last words are known first. */
export function downLines(down: readonly HostResult[], { known }: Around): string[] {
  const groups = new Map<string, { hosts: HostResult[]; words: boolean; text: string }>();
  for (const result of down) {
    const words = result.findings?.find((finding) => finding.hazard === 'last-words')?.text;
    const others = (result.findings ?? []).filter(({ hazard, severity }) => hazard !== 'last-words' && hazard !== result.reach && severity !== 'info');
    const text = [
      `${result.reach}${result.detail ? `: ${result.detail}` : ''}`,
      ...(words ? [`last words: ${words}`] : []),
      ...others.map((finding) => finding.text),
    ].join(' · ');
    const group = groups.get(text);
    if (group) group.hosts.push(result);
    else groups.set(text, { hosts: [result], words: words !== undefined, text });
  }
  return [...groups.values()]
    .sort((a, b) => Number(b.words) - Number(a.words))
    .map(({ hosts, text }) => `${foldNames(hosts.map(({ host }) => host))} ${text}${lastSeen(hosts, known)}`);
}

/** When they last answered, by what is known; nothing when that is nothing. */
function lastSeen(down: readonly HostResult[], known: ReadonlyMap<string, HostState> | undefined): string {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { host } of down) {
    const at = known?.get(host)?.answeredAt;
    if (at === undefined) continue;
    first = Math.min(first, at);
    last = Math.max(last, at);
  }
  if (last < first) return '';
  const [from, to] = [clock(first), clock(last)];
  return from === to ? `, last answer ${from} UTC` : `, last answers ${from} to ${to} UTC`;
}

const clock = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ');
