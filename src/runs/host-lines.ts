import { foldSome } from '../fleet/target/fold-some.ts';
import { sayDuration } from '../lib/duration.ts';
import type { Phase } from '../rollout/shapes.ts';
import { standing } from '../rollout/stages/overdue.ts';
import type { ShownHost, ShownRun } from './load.ts';

/** Hosts that are told one by one; more are folded. */
const ONE_BY_ONE = 4;
/** A line is read on a phone. */
const LONGEST = 140;

/** What did not end well, the gravest first, equal answers folded: `lost kvm05: did not come back within 20 min, holds its slots`. */
export function illLines({ exceptions, counts }: Pick<ShownRun, 'exceptions' | 'counts'>, most = 3): string[] {
  const groups = new Map<string, ShownHost[]>();
  for (const host of exceptions) {
    const key = `${host.outcome}\n${host.detail ?? ''}\n${host.ended === null}`;
    groups.set(key, [...(groups.get(key) ?? []), host]);
  }
  const lines = [...groups.values()].map((hosts) => {
    const [first] = hosts as [ShownHost];
    const holds = first.ended === null && first.started !== null ? `, holds ${hosts.length > 1 ? 'their' : 'its'} slots` : '';
    return clip(`${first.outcome} ${foldSome(names(hosts), 60)}${first.detail ? `: ${first.detail}` : ''}${holds}`);
  });
  const all = (counts.lost ?? 0) + (counts.failed ?? 0) + (counts.held ?? 0) + (counts.unverified ?? 0);
  const told = [...groups.values()].slice(0, most).reduce((sum, hosts) => sum + hosts.length, 0);
  return [...lines.slice(0, most), ...(all > told ? [`… and ${all - told} more that did not end well`] : [])];
}

/** What those that failed share, the best parted first: `xen 4.2: 9/10 lost, xen 4.11: 0/6`. */
export const shareLines = ({ outcomes }: Pick<ShownRun, 'outcomes'>, most = 2): string[] => (outcomes?.rows ?? []).slice(0, most).map(({ says }) => clip(says));

/** A rule for what the first of these lines says; a person makes it. */
export const excludeAction = ({ outcomes }: Pick<ShownRun, 'outcomes'>): { label: string; command: string }[] =>
  outcomes?.exclude === undefined ? [] : [{ label: 'Exclude these', command: outcomes.exclude }];

/** Hosts in flight against their prediction; those that take longest for their like first. */
export function goingLines(view: Pick<ShownRun, 'open' | 'inFlight' | 'run'>, now: number, most = ONE_BY_ONE): string[] {
  const { prediction } = view.run;
  const going = view.open.filter(isGoing);
  const more = inFlight(view) - going.length;
  const said = (host: ShownHost): number => prediction.host[host.class]?.p95 || Number.POSITIVE_INFINITY;
  const slowest = [...going].sort((a, b) => timeOf(b, now) / said(b) - timeOf(a, now) / said(a));
  const lines = slowest.slice(0, most).map((host) => {
    const late = standing({ class: host.class, started: host.started?.getTime() }, prediction, now) !== 'in time';
    const times = late ? `; ${(timeOf(host, now) / said(host)).toFixed(1)} × what was said (${sayDuration(said(host))})` : '';
    return clip(
      `in flight ${host.host}, ${sayDuration(timeOf(host, now))}: ${host.waiting_for ? `waits for ${host.waiting_for}` : sayPhase(host.phase)}${times}`,
    );
  });
  const rest = slowest.slice(most);
  return [...lines, ...(rest.length > 0 ? [`in flight ${foldSome(names(rest), 60)}${more > 0 ? ` and ${more} more` : ''}`] : [])];
}

/** How many hosts are in flight. */
export const inFlight = ({ open, inFlight }: Pick<ShownRun, 'open' | 'inFlight'>): number => inFlight ?? open.filter(isGoing).length;

const isGoing = (host: ShownHost): boolean => host.state === 'going';

export const names = (hosts: readonly { host: string }[]): string[] => hosts.map(({ host }) => host);

export const clip = (text: string, room = LONGEST): string => (text.length > room ? `${text.slice(0, room - 1)}…` : text);

const timeOf = (host: ShownHost, now: number): number => (host.started ? Math.max(0, now - host.started.getTime()) : 0);

const WORDS: Record<Phase, string> = {
  baseline: 'is looked at before',
  prepare: 'is made ready',
  act: 'is acted on',
  verify: 'is waited for',
  compare: 'is compared with before',
  settle: 'goes back into service',
  undo: 'is put back',
  'call off': 'is called off',
};

const sayPhase = (phase: Phase | null): string => (phase ? WORDS[phase] : 'begins');
