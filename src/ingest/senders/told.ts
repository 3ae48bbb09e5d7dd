import type { AlertEvent } from '../../alerts/event.ts';
import type { Integration } from '../../config/integrations.ts';

/** Who sends: the integration whose key it was, and what a translator needs to know of this side. */
export interface From {
  name: string;
  said: Integration;
  /** Whether somebody answers for a service of this name. */
  isService(name: string): boolean;
  /** Domain ms. */
  now: number;
  /** The same moment by the wall, ms: what senders go by. */
  wall: number;
}

/** What one delivery comes to. */
export interface Told {
  events: readonly AlertEvent[];
  /** Until when an alert that fires is believed without being sent again: domain ms by dedup. */
  until?: ReadonlyMap<string, number>;
  /** What its Watchdog, which fires as long as all is well over there, said. */
  watchdog?: 'success' | 'fail';
}
