import type { Line } from '../chat/command.ts';
import type { Tx } from '../store/db.ts';
import { nextId, record } from '../store/events.ts';
import { toJsonb, toText } from '../store/json.ts';
import { armTimer } from '../store/timers.ts';
import { HOLD_TIMER } from './life.ts';

/** A hold as it is asked for. `id` and `begun` are in the plan already. */
export interface NewHold {
  id: string;
  expression: string;
  sources: readonly string[];
  owner: string;
  because?: string;
  begun: number;
  until: number;
  /** Domain ms until somebody looks whether it still holds. */
  lookIn: number;
}

/** Writes the hold with its hosts, each unverified, in the transaction that writes the run which pauses them. */
export async function beginHold(tx: Tx, hold: NewHold, run: { id: string; line: Line; hosts: readonly string[] }): Promise<void> {
  const id = await nextId(tx, 'H');
  // Another hold was begun since the plan was made, which names this one: planned again, it gets the next id.
  if (id !== hold.id) throw Object.assign(new Error(`${hold.id} is taken`), { code: '40001' });
  await tx.query(
    `insert into holds (id, kind, expression, sources, owner, because, run, begun, until, place) values ($1, 'updates', $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      id,
      hold.expression,
      toJsonb(hold.sources),
      hold.owner,
      hold.because === undefined ? null : toText(hold.because),
      run.id,
      new Date(hold.begun),
      new Date(hold.until),
      toJsonb(run.line.place),
    ],
  );
  await tx.query(`insert into hold_hosts (hold, host) select $1, jsonb_array_elements_text($2::jsonb)`, [id, JSON.stringify(run.hosts)]);
  const { expression, sources, owner, because, until } = hold;
  const data = { expression, sources, run: run.id, until: new Date(until).toISOString(), hosts: run.hosts.length, ...(because !== undefined && { because }) };
  await record(tx, { thing: id, type: 'begun', data, by: owner, at: run.line.at });
  await armTimer(tx, { kind: HOLD_TIMER, ref: id, due: run.line.at + hold.lookIn });
}
