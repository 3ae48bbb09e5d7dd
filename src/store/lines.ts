import type { Began, Outcome, Place } from '../chat/command.ts';
import { audit } from './audit.ts';
import type { Queries, Tx } from './db.ts';

/** How a line stands, for whoever waits for it. */
export interface LineState {
  state: 'taken' | 'begun' | 'ended';
  outcome: Outcome | null;
  /** Answers and cards that have not reached their device. */
  unsent: number;
}

/** Ends every line that waits for a thing, each with an audit row of how it ended. A thing nobody waits for is fine. */
export async function endLine(tx: Tx, began: Began, outcome: Outcome, now: number): Promise<void> {
  const lines = await tx.query<{ id: string; actor: string; place: Place; text: string }>(
    `update inbox set state = 'ended', ended = $4, rev = rev + 1,
            outcome = case when strict and $3 = 'findings' then 'failed' else $3 end
     where state = 'begun' and began_kind = $1 and began_id = $2 returning id, actor, place, text, outcome`,
    [began.kind, began.id, outcome, new Date(now)],
  );
  for (const line of lines) {
    await audit(tx, { at: now, who: line.actor, place: line.place, command: line.text, outcome, inboxId: line.id });
    await tx.notify('shown', `line:${line.id}`);
  }
}

export async function lineState(db: Queries, inboxId: string): Promise<LineState | undefined> {
  const [row] = await db.query<LineState>(
    `select state, outcome,
            (select count(*)::int from messages where inbox_id = i.id and state = 'waiting')
          + (select count(*)::int from cards where inbox_id = i.id and shown_rev < wanted_rev) as unsent
     from inbox i where id = $1`,
    [inboxId],
  );
  return row;
}

/** What was typed at a terminal and has not ended, oldest first. */
export function openLinesOf(db: Queries, channel: string): Promise<{ text: string; actor: string }[]> {
  return db.query(`select text, actor from inbox where platform = 'terminal' and place ->> 'channel' = $1 and state <> 'ended' order by id`, [channel]);
}
