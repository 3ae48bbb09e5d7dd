import type { Urgency } from '../escalation/policy.ts';
import type { AlertRow } from './rows.ts';

/** An alert somebody is to be asked about. */
export interface Loud extends Pick<AlertRow, 'id' | 'integration' | 'service' | 'urgency' | 'hosts'> {
  /** What all its hosts stand on, or are; the nearest first. */
  standsOn: readonly string[];
}

/** A page that asks about alerts already. Times are domain ms. */
export interface Asking {
  page: string;
  grouped: string;
  state: 'open' | 'acked';
  urgency: Urgency;
  opened: number;
  incident: string | null;
}

/** Where alerts belong: to a page that is there, or together to one that is to be made. */
export interface Grouped<One> {
  joined: Map<string, One[]>;
  /** By what they have in common. */
  fresh: Map<string, One[]>;
}

/** How pressing each is. */
export const WEIGHT: Record<Urgency, number> = { low: 0, high: 1, critical: 2 };

/**
 * One page for one trouble. Of a dead parent: its own alert and those of all its guests, whoever answers for them. Else of one service, within
 * minutes, as long as nobody has it: after an answer whatever is new asks anew, and what is more pressing than a page never hides in it.
 * @param failing hosts that carry guests and are dead themselves
 */
export function group<One extends Loud>(
  alerts: readonly One[],
  asking: readonly Asking[],
  failing: ReadonlySet<string>,
  { now, within }: { now: number; within: number },
): Grouped<One> {
  const grouped: Grouped<One> = { joined: new Map(), fresh: new Map() };
  for (const alert of alerts) {
    const key = keyOf(alert, failing);
    const page = asking.findLast((one) => one.grouped === key && WEIGHT[one.urgency] >= WEIGHT[alert.urgency] && takes(one, now - within));
    put(page ? grouped.joined : grouped.fresh, page?.page ?? key, alert);
  }
  return grouped;
}

/** Somebody who has a dead parent in hand has its guests in hand. */
const takes = ({ grouped, state, opened }: Asking, since: number): boolean => isOfParent(grouped) || (state === 'open' && opened > since);

export const isOfParent = (key: string): boolean => key.startsWith('parent:');

/** What an alert has in common with others: the outermost host it stands on that is dead, else its service, else who says so. */
function keyOf(alert: Loud, failing: ReadonlySet<string>): string {
  const parent = alert.standsOn.findLast((host) => failing.has(host));
  if (parent !== undefined) return `parent:${parent}`;
  return alert.service === null ? `integration:${alert.integration}` : `service:${alert.service}`;
}

function put<One>(groups: Map<string, One[]>, key: string, one: One): void {
  const group = groups.get(key);
  if (group) group.push(one);
  else groups.set(key, [one]);
}
