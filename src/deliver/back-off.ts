import type { Delivery } from './channel.ts';

/** What becomes of an attempt by what its provider said. */
export type Fate = { state: 'sent'; id: string } | { state: 'failed'; says: string } | { state: 'waiting'; says: string; after: number; unsure: boolean };

/** Wall ms after the first, second … try that was not taken; then the attempt is over, and later rounds of the page make new ones. */
const PAUSES = [5_000, 15_000, 45_000, 120_000, 300_000, 300_000, 300_000];
/** A provider that names a longer time is asked again no later: the wait it means may be over by then. */
const LONGEST = 900_000;
/** Wall ms until what may have been taken is looked up: a provider's list is behind by a moment. */
const LOOK_UP = 3_000;

/** `canFind`: whether the channel can be asked what it took. Pure. */
export function fateOf(delivery: Delivery, { tries, canFind, looked }: { tries: number; canFind: boolean; looked: boolean }): Fate {
  if (delivery.sent) return { state: 'sent', id: delivery.id };
  if (delivery.why === 'no') return { state: 'failed', says: delivery.says };
  if (delivery.why === 'unsure') {
    if (canFind && !looked && tries <= PAUSES.length) return { state: 'waiting', says: delivery.says, after: LOOK_UP, unsure: true };
    return { state: 'failed', says: `${delivery.says}; nobody knows whether it was taken` };
  }
  const pause = PAUSES[tries - 1];
  if (pause === undefined) return { state: 'failed', says: `${delivery.says}; not taken ${tries} times` };
  return { state: 'waiting', says: delivery.says, after: Math.min(Math.max(delivery.after ?? pause, 1_000), LONGEST), unsure: false };
}
