import type { Incident } from '../incident/shapes.ts';
import { when } from '../rollout/words.ts';

/** Whoever reads, and when. */
export interface Reader {
  now: number;
  zone: string;
}

/** `20:13 Australia/Brisbane`, and, where the reader is elsewhere, `20:13 Australia/Brisbane (12:13 for you)`. */
export function sayWhen(at: number, incident: Pick<Incident, 'zone'>, { now, zone }: Reader): string {
  const theirs = `${when(at, now, incident.zone)} ${incident.zone}`;
  const own = when(at, now, zone);
  return when(at, now, incident.zone) === own ? theirs : `${theirs} (${own} for you)`;
}

/** What the public calls a state: "Investigating". */
export const sayState = (state: string): string => state.charAt(0).toUpperCase() + state.slice(1).replaceAll('_', ' ');
