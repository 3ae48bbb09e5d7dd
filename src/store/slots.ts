import type { Queries } from './db.ts';

/** A place in a budget, held until evidence gives it back. */
export interface Slot {
  budget: string;
  run: string;
  host: string;
  taken: Date;
}

export function heldSlots(db: Queries): Promise<Slot[]> {
  return db.query<Slot>(`select budget, run, host, taken from slots where given_back is null order by taken, id`);
}
