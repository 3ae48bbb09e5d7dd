import type { Place } from '../chat/command.ts';
import type { Queries } from '../store/db.ts';
import type { HoldOrder } from './on-host.ts';

/** A row of `holds`: updates paused until a time, with owner and reason. */
export interface HoldRow {
  id: string;
  expression: string;
  /** Empty = all there are. */
  sources: string[];
  owner: string;
  because: string | null;
  state: 'open' | 'ended';
  rev: number;
  run: string | null;
  begun: Date;
  until: Date;
  /** When the owner was asked last. */
  asked: Date | null;
  ended: Date | null;
  place: Place;
}

/** `unverified`: nobody knows yet; `drifted`: something came back by itself; `resumed`: nothing (more) is held there. */
export type HeldState = 'unverified' | 'held' | 'drifted' | 'resumed';

/** A row of `hold_hosts`. */
export interface HoldHostRow {
  hold: string;
  host: string;
  state: HeldState;
  detail: string | null;
  /** `lines` = the record as the host wrote it down, before anything was touched. */
  recorded: { lines?: string[] };
  looked: Date | null;
}

export async function holdRow(db: Queries, id: string, lock = ''): Promise<HoldRow | undefined> {
  const [row] = await db.query<HoldRow>(`select * from holds where id = $1 and kind = 'updates' ${lock}`, [id]);
  return row;
}

/** Names a hold on its hosts. The moment is in it: after a fresh start of Holdfast there is another H1 on the same hosts. */
export const holdKey = (hold: { id: string; begun: Date }): string => `${hold.id}-${hold.begun.toISOString().slice(0, 19).replace(/[-:]/g, '')}`;

export const orderOf = (hold: HoldRow, units: readonly string[]): HoldOrder => ({
  key: holdKey(hold),
  until: hold.until.toISOString(),
  owner: hold.owner,
  sources: hold.sources,
  units,
});

/** The id the next hold will have, for a plan that has to name it before it is written. */
export async function nextHoldId(db: Queries): Promise<string> {
  const [row] = await db.query<{ last: string }>(`select last from counters where kind = 'H'`);
  return `H${Number(row?.last ?? 0) + 1}`;
}
