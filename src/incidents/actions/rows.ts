import { type ReadAction, sameAction } from '../../incident/postmortem-actions.ts';
import { Refusal } from '../../lib/refusal.ts';
import type { Queries, Tx } from '../../store/db.ts';
import { nextId } from '../../store/events.ts';
import { toText } from '../../store/json.ts';
import { armTimer } from '../../store/timers.ts';

/** A row of `actions`: what is to be done after an incident, until somebody did it or said why not. */
export interface ActionRow {
  id: string;
  incident: string;
  text: string;
  owner: string;
  state: 'open' | 'done' | 'dropped';
  by: string;
  made: Date;
  ended: Date | null;
  ended_by: string | null;
  because: string | null;
}

/** Of one incident; more is a list nobody works through. */
const MOST = 50;
/** Characters. */
const LONGEST = 500;

export const actionsOf = (db: Queries, incident: string): Promise<ActionRow[]> =>
  db.query(`select * from actions where incident = $1 and state <> 'dropped' order by length(id), id`, [incident]);

/** Throws Refusal where there is none. */
export async function actionNamed(db: Queries, id: string, lock = ''): Promise<ActionRow> {
  const [row] = await db.query<ActionRow>(`select * from actions where id = $1 ${lock}`, [id]);
  if (!row) throw new Refusal(`There is no ${id}. "show actions" lists what is to be done.`);
  return row;
}

/** One more, and from now on its owner is reminded each week. */
export async function addAction(tx: Tx, action: { incident: string; text: string; owner: string; by: string; at: number; done?: boolean }): Promise<string> {
  const { incident, text, owner, by, at, done = false } = action;
  if (text.length > LONGEST) throw new Refusal(`An action is one line of at most ${LONGEST} characters: ${text.slice(0, 60)}…`);
  const id = await nextId(tx, 'A');
  await tx.query(`insert into actions (id, incident, text, owner, state, by, made, ended, ended_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, [
    ...[id, incident, toText(text), owner, done ? 'done' : 'open', by, new Date(at)],
    ...[done ? new Date(at) : null, done ? by : null],
  ]);
  if (!done) await armTimer(tx, { kind: 'action', ref: id, due: at });
  return id;
}

/** Ends one that is open; false when it had ended already. */
export async function endAction(tx: Tx, id: string, how: { state: 'done' | 'dropped'; by: string; at: number; because?: string }): Promise<boolean> {
  const rows = await tx.query(
    `update actions set state = $2, ended = $3, ended_by = $4, because = $5, rev = rev + 1 where id = $1 and state = 'open' returning id`,
    [id, how.state, new Date(how.at), how.by, how.because ?? null],
  );
  await tx.query(`delete from timers where kind = 'action' and ref = $1`, [id]);
  return rows.length > 0;
}

/** Has the rows say what a text says: new ones are made, ticked ones are done, and what is not in it any more is dropped. How many are open then. */
export async function followText(
  tx: Tx,
  incident: string,
  read: readonly (ReadAction & { owner: string })[],
  said: { by: string; at: number },
): Promise<number> {
  if (read.length > MOST) throw new Refusal(`These are ${read.length} actions; at most ${MOST} are kept of one incident. Name those that somebody will do.`);
  const known = new Map((await actionsOf(tx, incident)).map((row) => [sameAction(row.text), row]));
  for (const action of read) {
    const row = known.get(sameAction(action.text));
    known.delete(sameAction(action.text));
    if (!row) await addAction(tx, { incident, text: action.text, owner: action.owner, done: action.done, ...said });
    else if (action.done) await endAction(tx, row.id, { state: 'done', ...said });
    else await tx.query(`update actions set owner = $2, rev = rev + 1 where id = $1 and owner <> $2 and state = 'open'`, [row.id, action.owner]);
  }
  for (const { id, state } of known.values())
    if (state === 'open') await endAction(tx, id, { state: 'dropped', because: 'it does not stand in the postmortem any more', ...said });
  const [count] = await tx.query<{ open: number }>(`select count(*)::int as open from actions where incident = $1 and state = 'open'`, [incident]);
  return count?.open ?? 0;
}
