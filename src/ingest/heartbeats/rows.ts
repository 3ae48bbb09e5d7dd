import type { Queries, Tx } from '../../store/db.ts';
import { toText } from '../../store/json.ts';
import type { Beat, Signal } from './decide.ts';

/** A heartbeat as it lies in the database. */
export interface HeartbeatRow {
  name: string;
  integration: string | null;
  state: Beat['state'];
  rev: number;
  made: Date;
  last: Date | null;
  begun: Date | null;
  rid: string | null;
  took_ms: string | null;
  signal: Signal | null;
  signalled: Date | null;
  exit_status: number | null;
  said: string | null;
}

export const beatOf = ({ state, last, begun, rid, took_ms: took }: HeartbeatRow): Beat => ({
  state,
  ...(last && { last: last.getTime() }),
  ...(begun && { begun: begun.getTime() }),
  ...(rid !== null && { rid }),
  ...(took !== null && { took: Number(took) }),
});

/** The row of one, made where there is none, and held until the transaction ends. `fresh`: it was made now. */
export async function heldRow(tx: Tx, name: string, integration: string | null, now: number): Promise<HeartbeatRow> {
  await tx.query(`insert into heartbeats (name, integration, made) values ($1, $2, $3) on conflict (name) do nothing`, [name, integration, new Date(now)]);
  const [row] = await tx.query<HeartbeatRow>(`select * from heartbeats where name = $1 for update`, [name]);
  return row as HeartbeatRow;
}

export const rowOf = async (db: Queries, name: string): Promise<HeartbeatRow | undefined> =>
  (await db.query<HeartbeatRow>(`select * from heartbeats where name = $1`, [name]))[0];

/** What came with a ping. */
export interface Heard {
  signal: Signal;
  at: number;
  exit?: number;
  said?: string;
}

/** Writes what became of it, if nobody was quicker: whether this was so. */
export async function writeBeat(tx: Tx, row: HeartbeatRow, beat: Beat, heard?: Heard): Promise<boolean> {
  const moment = (at: number | undefined): Date | null => (at === undefined ? null : new Date(at));
  const rows = await tx.query(
    `update heartbeats set rev = rev + 1, state = $3, last = $4, begun = $5, rid = $6, took_ms = $7, signal = coalesce($8, signal),
       signalled = coalesce($9, signalled), exit_status = case when $8::text is null then exit_status else $10 end, said = case when $8::text is null then said else $11 end
     where name = $1 and rev = $2 returning name`,
    [
      ...[row.name, row.rev, beat.state, moment(beat.last), moment(beat.begun), beat.rid ?? null, beat.took === undefined ? null : Math.round(beat.took)],
      ...[heard?.signal ?? null, moment(heard?.at), heard?.exit ?? null, heard?.said === undefined ? null : toText(heard.said)],
    ],
  );
  return rows.length > 0;
}
