import type { Card } from '../chat/card.ts';
import type { HostResult } from '../jobs.ts';
import { sayDuration } from '../lib/duration.ts';
import { downLines, downTitle } from './check-down.ts';
import { findingLines, next } from './check-findings.ts';
import type { Fleet } from './fleet.ts';
import { judgeFleet } from './hazards/fleet.ts';
import { gravestFirst } from './hazards/judge.ts';
import type { Facts, Finding, HostState, Reach } from './host.ts';
import { foldNames } from './target/fold.ts';

/** A check as far as it has come. */
export interface CheckView {
  /** The target, as typed. */
  expression: string;
  asked: readonly string[];
  /** Of those that have answered or been given up; `facts` may be left out, findings not. */
  results: readonly HostResult[];
  /** What is known of hosts: when one that is down last answered; machine-ids, where they are to be compared. */
  known?: ReadonlyMap<string, HostState>;
  fleet: Fleet;
  /** Domain time. */
  now: number;
  done: boolean;
  /** Wall milliseconds since it began. */
  elapsed: number;
  /** Of every host there is: because of which a page may reach nobody. */
  people?: readonly string[];
}

/** Lines a person reads before scrolling; the rest is in the attachment. */
const MOST_LINES = 20;
/** Folded names of 5,000 odd hosts would be a page of their own. */
const LONGEST_FOLD = 300;

/** One check in one message: counts first, exceptions before what is well, equal answers folded. */
export function renderCheck(view: CheckView): Card {
  const sorted = sortResults(view);
  const { down, broken, ill, fine, missing } = sorted;
  const exceptions = [...downLines(down, view), ...findingLines([...broken, ...ill])];
  const notes = findingLines(fine);
  const nearest = next([...ill, ...fine]);
  const shown = exceptions.slice(0, MOST_LINES);
  const notesShown = notes.slice(0, Math.max(3, MOST_LINES - shown.length));
  const left = exceptions.length - shown.length + notes.length - notesShown.length;
  const body = [
    ...shown,
    ...(nearest ? [nearest] : []),
    ...notesShown,
    ...(left > 0 ? [`… and ${left} more, in the attachment`] : []),
    ...(fine.length > 0 && (exceptions.length > 0 || missing.length > 0) ? [`${fold(fine)} ok`] : []),
    ...(missing.length > 0 && down.length > 0 ? [`${missing.length} not yet: ${fold(missing)}`] : []),
    ...(view.people ?? []),
  ];
  const whole = view.done && (exceptions.length > 0 || notes.length > 0) && view.asked.length > 1;
  return {
    title: sayTitle(view, sorted),
    tone:
      down.length > 0 || worst(sorted) === 'critical'
        ? 'bad'
        : exceptions.length > 0 || (view.people ?? []).length > 0
          ? 'attention'
          : view.done
            ? 'good'
            : 'quiet',
    ...(body.length > 0 && { body }),
    ...(whole && { attachment: { name: 'check.txt', text: wholeOutput(view, sorted) } }),
  };
}

/** The stable JSON of a check; hosts in the order asked, those that have not answered left out. */
export function checkJson(view: CheckView): { hosts: CheckedHost[]; people?: readonly string[] } {
  const { all } = sortResults(view);
  return {
    ...(view.people && { people: view.people }),
    hosts: all.map(({ host, reach, detail, facts, findings }) => ({
      host,
      reach,
      ...(detail !== undefined && { detail }),
      facts: facts ?? view.known?.get(host)?.facts ?? {},
      findings: findings ?? [],
    })),
  };
}

export interface CheckedHost {
  host: string;
  reach: Reach;
  detail?: string;
  facts: Facts;
  findings: Finding[];
}

interface Sorted {
  all: HostResult[];
  down: HostResult[];
  /** Logged in, and the check did not come to its end. */
  broken: HostResult[];
  /** With a warning or worse. */
  ill: HostResult[];
  /** Well, or with notes only. */
  fine: HostResult[];
  missing: string[];
}

function sortResults(view: CheckView): Sorted {
  const byHost = new Map(view.results.map((result) => [result.host, result]));
  const ofFleet = judgeFleet(view.fleet, statesOf(view));
  const sorted: Sorted = { all: [], down: [], broken: [], ill: [], fine: [], missing: [] };
  for (const host of view.asked) {
    const own = byHost.get(host);
    if (!own) {
      sorted.missing.push(host);
      continue;
    }
    const result = { ...own, findings: gravestFirst([...(own.findings ?? []), ...(ofFleet.get(host) ?? [])]) };
    sorted.all.push(result);
    if (result.reach !== 'ok') sorted.down.push(result);
    else if (result.outcome !== 'ok' && result.outcome !== 'already') sorted.broken.push(result);
    else if (result.findings.some((finding) => finding.severity !== 'info')) sorted.ill.push(result);
    else sorted.fine.push(result);
  }
  return sorted;
}

/** What judgeFleet compares: the facts of this check where they came along, else those known. */
function statesOf(view: CheckView): Map<string, HostState> {
  const states = new Map(view.known ?? []);
  for (const { host, reach, facts } of view.results) {
    if (facts && reach === 'ok') states.set(host, { host, reach, askedAt: view.now, facts, findings: [] });
  }
  return states;
}

function sayTitle(view: CheckView, sorted: Sorted): string {
  const { down, broken, ill, fine, missing } = sorted;
  const total = view.asked.length;
  // One host is called by its name: "1 of 1 down" is no way to talk about web01.
  const count = (hosts: readonly HostResult[]): string => (total === 1 ? fold(hosts) : `${hosts.length} of ${total}`);
  const parts: string[] = [];
  if (down.length > 0) parts.push(downTitle(down, view));
  else if (!view.done && missing.length > 0) {
    const answered = total - missing.length;
    return `${answered} of ${total} answered, ${missing.length} not yet: ${fold(missing)}`;
  }
  if (broken.length > 0) parts.push(`${count(broken)} answered wrongly`);
  if (ill.length > 0) parts.push(`${count(ill)} with findings (${sayCounts(ill)})`);
  if (missing.length > 0 && parts.length > 0) parts.push(`${missing.length} not yet`);
  const people = view.people ?? [];
  if (people.length > 0) {
    if (parts.length === 0) parts.push(`${fold(fine)} ok`);
    parts.push(people.length === 1 ? (people[0] as string) : `${people.length} things because of which a page may reach nobody`);
  }
  if (parts.length > 0) return parts.join('; ');
  return fine.length > 0 ? `${fold(fine)} ok` : 'no host was asked';
}

function sayCounts(results: readonly HostResult[]): string {
  const count = (severity: string): number => results.filter(({ findings }) => findings?.some((finding) => finding.severity === severity)).length;
  const [critical, warning] = [count('critical'), count('warning')];
  return [critical > 0 && `${critical} critical`, warning > 0 && `${warning} warning`].filter(Boolean).join(', ');
}

const worst = ({ broken, ill }: Sorted): string | undefined =>
  [...broken, ...ill].some(({ findings }) => findings?.some((finding) => finding.severity === 'critical')) ? 'critical' : undefined;

function fold(hosts: readonly (HostResult | string)[]): string {
  const text = foldNames(hosts.map((host) => (typeof host === 'string' ? host : host.host)));
  return text.length > LONGEST_FOLD ? `${text.slice(0, text.lastIndexOf(',', LONGEST_FOLD))} … (${hosts.length} hosts)` : text;
}

/** Every host on its own line, for the attachment. */
function wholeOutput(view: CheckView, { all, missing }: Sorted): string {
  const lines = all.map(({ host, reach, outcome, detail, findings, ms }) => {
    const how = reach !== 'ok' ? reach : outcome === 'failed' ? 'answered wrongly' : 'ok';
    const said = [how, ...(detail ? [detail] : []), ...(findings ?? []).map((finding) => `${finding.severity}: ${finding.text}`)];
    return `${host}\t${said.join('\t')}\t${Math.round(ms)} ms`;
  });
  const head = `check ${view.expression}: ${view.asked.length} hosts in ${sayDuration(view.elapsed)}, ${new Date(view.now).toISOString()}`;
  return `${[head, ...lines, ...missing.map((host) => `${host}\tno outcome`)].join('\n')}\n`;
}
