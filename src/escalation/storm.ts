import type { Urgency } from './policy.ts';

/** Messages of their own that one person gets by one channel within ten minutes, of pages that are not the first of their service. */
const OWN = 3;
/** The same of first pages of services: each is told by itself while that can be read. */
const OWN_FIRST = 12;

/**
 * Whether a try goes into the message that carries all others of that person and channel, instead of one of its own: from the fourth page of a
 * service on, and of low pages whenever there are two. It is told all the same; nothing is dropped.
 */
export function isFolded(one: { urgency: Urgency; nth: number; own: number }, others: { low: number }): boolean {
  if (one.urgency === 'low') return others.low > 1;
  return one.own >= (one.nth === 0 ? OWN_FIRST : OWN);
}
