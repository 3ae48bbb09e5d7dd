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

/** Different details of one rung that still get a line each; beyond it (each names its own address) they share one. */
const EACH = 4;

/** A line for each host that is down, equal ones folded; those whose last words are known first. */
export function downLines(down: readonly HostResult[], { known }: Around): string[] {
  const rungs = new Map<string, Map<string, HostResult[]>>();
  for (const result of down) {
    const words = result.findings?.find((finding) => finding.hazard === 'last-words')?.text;
    const others = (result.findings ?? []).filter(({ hazard, severity }) => hazard !== 'last-words' && hazard !== result.reach && severity !== 'info');
    const said = [...(words ? [`last words: ${words}`] : []), ...others.map((finding) => finding.text)];
    const text = [`${result.reach}${result.detail ? `: ${result.detail}` : ''}`, ...said].join(' · ');
    // Those with words of their own are told one by one, before the others.
    const rung = said.length > 0 ? '' : result.reach;
    const lines = rungs.get(rung) ?? new Map<string, HostResult[]>();
    const equal = lines.get(text);
    if (equal) equal.push(result);
    else lines.set(text, [result]);
    rungs.set(rung, lines);
  }
  return [...rungs]
    .sort(([a], [b]) => Number(b === '') - Number(a === ''))
    .flatMap(([rung, lines]) => {
      const [first] = lines;
      if (rung === '' || lines.size <= EACH || !first) return [...lines].map(([text, hosts]) => `${fold(hosts)} ${text}${lastSeen(hosts, known)}`);
      const hosts = [...lines.values()].flat();
      return [`${fold(hosts)} ${rung}, as ${first[1][0]?.host}: ${first[1][0]?.detail ?? rung}${lastSeen(hosts, known)}`];
    });
}

function fold(hosts: readonly HostResult[]): string {
  const text = foldNames(hosts.map(({ host }) => host));
  return text.length > 200 ? `${hosts.length} hosts (${text.slice(0, 120)} …)` : text;
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
