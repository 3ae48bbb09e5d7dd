import type { Defaults } from '../config/defaults.ts';
import { sayDuration } from '../lib/duration.ts';

/** The kind of timer a hold has, by its id. */
export const HOLD_TIMER = 'hold';

type HoldDefaults = Pick<Defaults, 'hold.ask_before' | 'hold.ask_again' | 'hold.drift'>;

/** What a hold wants at this moment, and when it is to be looked at again. Times are domain ms. */
export interface HoldNext {
  /** The owner is asked now; the text says so. */
  ask?: string;
  /** When to look again, at the latest. */
  at: number;
}

/**
 * A hold never ends by itself: before its end, and then every day, its owner is asked. Between that, hosts are looked at for
 * what came back by itself; that is due whenever this is asked.
 */
export function holdNext(hold: { id: string; begun: number; until: number; asked?: number }, now: number, defaults: HoldDefaults): HoldNext {
  // A hold that is shorter than the notice is asked about half way.
  const notice = Math.min(defaults['hold.ask_before'], (hold.until - hold.begun) / 2);
  const first = hold.until - notice;
  const due = hold.asked === undefined ? first : Math.max(hold.asked + defaults['hold.ask_again'], first);
  if (now < due) return { at: Math.min(now + defaults['hold.drift'], due) };
  const when = now < hold.until ? `ends in ${sayDuration(hold.until - now)}` : `was to end ${sayDuration(now - hold.until)} ago`;
  return {
    ask: `${hold.id} ${when} and does not by itself: "resume updates ${hold.id}" gives the hosts their updates back, a few at a time`,
    at: Math.min(now + defaults['hold.drift'], now + defaults['hold.ask_again']),
  };
}
