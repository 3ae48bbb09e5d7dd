import type { Defaults } from '../config/defaults.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Host } from '../fleet/host.ts';
import { foldNames } from '../fleet/target/fold.ts';
import { sayDuration } from '../lib/duration.ts';
import { CONSOLE } from '../people.ts';
import { isProduction } from './order.ts';
import type { Placement } from './placement.ts';

/** Who asks, and what is going on while they do. */
export interface Asking {
  by: string;
  /** Other programs: FleetLock, `POST /v1/runs`, a schedule of theirs. */
  source: 'person' | 'automation';
  /** An incident of severity major and up is open: its id. */
  incident?: string;
  /** `undo` of a run they began themselves. */
  undoOfOwn?: boolean;
}

/** Why these hosts of one ring need a second person; empty = nobody is asked. (docs/commands.md, "A second person") */
export function approvalNeeded(of: {
  /** Hosts of the ring that are not left out; `safe` ones are in the safe direction by themselves (power on of one that is down). */
  hosts: readonly { host: Host; safe?: boolean }[];
  risk: 'change' | 'disrupt';
  safe: boolean;
  containment: boolean;
  /** Hosts of the whole run that are not left out. */
  size: number;
  asking: Asking;
  fleet: Fleet;
  placement: Placement;
  /** Database primaries and members of clusters. */
  isDatabase(host: string): boolean;
  defaults: Defaults;
}): string[] {
  const { asking, placement, fleet, defaults } = of;
  if (of.safe || asking.undoOfOwn) return [];
  const person = asking.source === 'person';
  // A live patch that kills hosts is taken off without asking; it begins with a canary all the same.
  if (of.containment && asking.incident !== undefined && person) return [];
  const hosts = of.hosts.filter(({ safe }) => !safe).map(({ host }) => host);
  if (hosts.length === 0) return [];

  const below = (name: string): Host[] => placement.guestsOf(name).map((guest) => fleet.hosts.get(guest) as Host);
  const produces = (host: Host): boolean => isProduction(host.ring, defaults) || below(host.name).some(({ ring }) => isProduction(ring, defaults));
  const onAlertPath = (host: Host): boolean => [host, ...below(host.name)].some(({ alertPath }) => alertPath);
  const production = hosts.filter(produces);
  const parents = hosts.filter(({ name }) => placement.carries(name));
  const databases = hosts.filter(({ name }) => of.isDatabase(name));
  const alertPath = hosts.filter(onAlertPath);
  if (of.size === 1 && production.length === 0 && (person || parents.length + alertPath.length === 0)) return [];

  const reasons: string[] = [];
  if (!person) reasons.push(`automation asks, for ${count(of.size)}${parents.length > 0 ? `, of which ${parents.length} carry guests` : ''}`);
  if (of.risk === 'disrupt' && production.length > 0) reasons.push(`disrupts production: ${names(production)}`);
  const large = largeShare(hosts, fleet, defaults);
  if (large) reasons.push(large);
  if (parents.length > 0) reasons.push(`guests run on ${names(parents)}`);
  if (databases.length > 0) reasons.push(`databases: ${names(databases)}`);
  if (alertPath.length > 0) reasons.push(`on the alert path: ${names(alertPath)}`);
  return reasons;
}

/** What a person who approves brings along, and what is known of the run. */
export interface Approving {
  /** Reasons of the ring that waits; where it is empty nobody needs to be asked. */
  reasons: readonly string[];
  run: string;
  /** What has to be typed by somebody who is alone. */
  expression: string;
  requester: string;
  approver: string;
  /** Names of the people whose role and scope cover every host of the ring. `console` is no person: it may go alone where there is nobody at all. */
  eligible: readonly string[];
  /** An incident of severity major and up is open: its id. */
  incident?: string;
  /** Since when this ring's approval is asked for. */
  askedAt: number;
  now: number;
  /** The button or word with its reason; `because` is kept with it. */
  breakGlass?: { because: string };
  typed?: string;
  defaults: Defaults;
}

export type MayApprove =
  | {
      allowed: true;
      breakGlass?: true /** Hosts at once from now on. */;
      atOnce?: number /** Nothing begins before. */;
      notBefore?: number;
      loud: boolean;
      says: string;
    }
  | { allowed: false; says: string };

/** Whether this person may let this ring go, and in which words. Time is domain time. */
export function mayApprove(of: Approving): MayApprove {
  const { run, requester, approver, defaults, now } = of;
  if (of.reasons.length === 0) return no(`${run} needs nobody's approval`);
  const asked = now - of.askedAt;
  if (asked >= defaults['approval.expires']) {
    return no(
      `the request for ${run} ended unanswered after ${sayDuration(defaults['approval.expires'])}: plan it again, so that what is approved is how things are now`,
    );
  }
  if (!of.eligible.includes(approver)) {
    if (approver === CONSOLE.name && of.eligible.length === 0 && requester === CONSOLE.name) return alone(of);
    if (approver === CONSOLE.name) {
      return no(`console could be anybody with a shell here, ${requester} too: approve ${run} as a named person (\`login:\` under people in holdfast.yaml)`);
    }
    return no(`${approver} may not approve ${run}: that needs the role operator on every host of it. ${whoMay(of)}`);
  }
  if (approver !== requester) return { allowed: true, loud: false, says: `${approver} approved ${run}, which ${requester} asked for` };

  if (of.breakGlass) return breakTheGlass(of, asked, of.breakGlass.because);
  const others = of.eligible.filter((name) => name !== requester);
  if (others.length > 0) return no(`${requester} asked for ${run}, so somebody else approves it. ${whoMay(of)} ${wayRound(of, asked)}`);
  return alone(of);
}

function breakTheGlass({ run, approver, incident, defaults }: Approving, asked: number, because: string): MayApprove {
  if (because.trim() === '') return no(`Breaking the glass needs a reason: it is kept with ${run} and told to everybody`);
  const after = defaults['approval.break_glass_after'];
  if (incident === undefined && asked < after) {
    return no(
      `${run} was asked for ${sayDuration(asked)} ago. The glass is for an incident of severity major and up, or ${sayDuration(after)} without an answer: in ${sayDuration(after - asked)}`,
    );
  }
  const atOnce = defaults['approval.break_glass_batch'];
  const why = incident === undefined ? `${sayDuration(asked)} without an answer` : `${incident} is open`;
  return {
    allowed: true,
    breakGlass: true,
    atOnce,
    loud: true,
    says: `${approver} BROKE THE GLASS for ${run} (${why}): ${because}. ${atOnce === 1 ? '1 host' : `${atOnce} hosts`} at a time.`,
  };
}

/** A team of one: what protects is a pause and the name of what is touched. */
function alone({ run, approver, expression, typed, now, defaults }: Approving): MayApprove {
  if (typed === undefined || squeeze(typed) !== squeeze(expression)) {
    const wrong = typed === undefined ? '' : `, not ${JSON.stringify(typed)}`;
    return no(`nobody else could approve ${run}. To do it alone, type its target: ${expression}${wrong}`);
  }
  const wait = defaults['approval.alone_wait'];
  return {
    allowed: true,
    notBefore: now + wait,
    loud: true,
    says: `${approver} approved ${run} alone, for nobody else could; it begins in ${sayDuration(wait)}, until then \`stop ${run}\` calls it off`,
  };
}

function wayRound({ run, incident, defaults }: Approving, asked: number): string {
  const left = defaults['approval.break_glass_after'] - asked;
  if (incident !== undefined) return `${incident} is open, so you may break the glass of ${run}, with a reason.`;
  return left > 0
    ? `After ${sayDuration(left)} without an answer you may break the glass, with a reason.`
    : 'Nobody has answered: you may break the glass, with a reason.';
}

function whoMay({ eligible, requester }: Approving): string {
  const others = eligible.filter((name) => name !== requester);
  if (others.length === 0) return 'Nobody else could.';
  return `${listed(others.slice(0, 5), 'or')}${others.length > 5 ? ` and ${others.length - 5} more` : ''} can.`;
}

/** The group in which it is the largest part; several groups may be above their number. */
function largeShare(hosts: readonly Host[], fleet: Fleet, defaults: Defaults): string | undefined {
  const inGroup = new Map<string, number>();
  for (const host of hosts) for (const group of host.groups) if (group !== 'all') inGroup.set(group, (inGroup.get(group) ?? 0) + 1);
  // Last, for the narrower name says more.
  inGroup.set('all', hosts.length);
  let worst: { group: string; touched: number; members: number } | undefined;
  for (const [group, touched] of inGroup) {
    const members = group === 'all' ? fleet.hosts.size : (fleet.groups.get(group)?.length ?? touched);
    if (touched <= Math.max(defaults['approval.hosts'], (members * defaults['approval.share']) / 100)) continue;
    const [share, most] = worst ? [touched * worst.members, worst.touched * members] : [1, 0];
    if (share > most || (share === most && touched > (worst?.touched ?? 0))) worst = { group, touched, members };
  }
  if (!worst) return undefined;
  return `${count(hosts.length)}: ${worst.touched} of the ${worst.members} of @${worst.group}, more than ${defaults['approval.hosts']} and ${defaults['approval.share']} %`;
}

const no = (says: string): MayApprove => ({ allowed: false, says });

const squeeze = (text: string): string => text.trim().replace(/\s+/g, ' ').toLowerCase();

const count = (hosts: number): string => (hosts === 1 ? '1 host' : `${hosts} hosts`);

function names(hosts: readonly Host[]): string {
  const folded = foldNames(hosts.map(({ name }) => name));
  return folded.length <= 80 ? folded : `${count(hosts.length)} (${folded.slice(0, 70)}…)`;
}

const listed = (words: readonly string[], last: string): string =>
  words.length > 1 ? `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}` : words.join();
