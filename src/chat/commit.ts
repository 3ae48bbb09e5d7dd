import { withoutCode } from '../accounts/hello-code.ts';
import { channelOf, isChat, REPLY } from '../deliver/destination.ts';
import type { MessageBody } from '../deliver/messages.ts';
import type { Person } from '../people.ts';
import { audit } from '../store/audit.ts';
import type { Db, Tx } from '../store/db.ts';
import type { InboxRow } from '../store/inbox.ts';
import { toJsonb } from '../store/json.ts';
import type { Card } from './card.ts';
import type { Began, Line, Outcome, Reply } from './command.ts';

/** What a line came to, as it is written. */
export interface Answer extends Reply {
  outcome: Outcome;
  json: unknown;
  wantsJson: boolean;
  strict: boolean;
  errorId?: string;
}

/**
 * Writes what a line came to: its state, its effects, its audit and its answer in one transaction; false when another process has handled the row
 * meanwhile.
 */
export function commit(db: Db, row: InboxRow, holder: string, actor: Person, answer: Answer, now: number): Promise<boolean> {
  return db.tx(async (tx) => {
    const [mine] = await tx.query(
      `update inbox set rev = rev + 1, json = $4, strict = $5, error_id = $6, actor = $7
       where id = $1 and rev = $2 and state = 'taken' and holder = $3 returning id`,
      [row.id, row.rev, holder, answer.wantsJson, answer.strict, answer.errorId ?? null, actor.name],
    );
    if (!mine) return false;
    const line: Line = { inboxId: row.id, actor, place: row.place, json: answer.wantsJson, at: now };
    const written = await answer.write?.(tx, line);
    const began = written && 'kind' in written ? written : undefined;
    const outcome = answer.strict && answer.outcome === 'findings' ? 'failed' : answer.outcome;
    if (began) {
      await tx.query(`update inbox set state = $4, began_kind = $2, began_id = $3, outcome = $5, ended = $6 where id = $1`, [
        row.id,
        began.kind,
        began.id,
        began.waits ? 'ended' : 'begun',
        began.waits ? outcome : null,
        began.waits ? new Date(now) : null,
      ]);
      await showCard(tx, row, began);
      await hint(tx, row, now);
    } else {
      await tx.query(`update inbox set state = 'ended', outcome = $2, ended = $3 where id = $1`, [row.id, outcome, new Date(now)]);
      await say(tx, row, { ...answer, ...(written && 'card' in written && written) }, now);
    }
    await audit(tx, {
      at: now,
      who: actor.name,
      place: row.place,
      command: withoutCode(row.text),
      outcome: began && !began.waits ? 'begun' : outcome,
      ...(outcome === 'refused' && answer.card && { detail: answer.card.title }),
      ...(answer.errorId !== undefined && { detail: answer.errorId }),
      inboxId: row.id,
    });
    await tx.notify('shown', `line:${row.id}`);
    return true;
  });
}

/**
 * One card for a thing in a place: a later line that concerns the same thing gets it shown again, as its own answer. Where it was asked
 * for one person alone, that place is the direct message with them.
 */
async function showCard(tx: Tx, row: InboxRow, began: Began): Promise<void> {
  await tx.query(
    `insert into cards (thing_kind, thing_id, platform, channel, place, inbox_id, final) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (thing_kind, thing_id, platform, channel) do update
     set place = excluded.place, inbox_id = excluded.inbox_id, final = excluded.final, wanted_rev = cards.wanted_rev + 1, asked = cards.asked + 1, wall_made = now()`,
    [began.kind, began.id, row.platform, channelOf(row.place), toJsonb(row.place), row.id, began.waits === true],
  );
}

async function say(tx: Tx, row: InboxRow, answer: Answer, now: number): Promise<void> {
  const document = answer.json ?? { title: answer.card?.title ?? 'done' };
  const card = answer.card ?? { title: 'Done.' };
  // Other automation fetches its answer and reads both.
  const body = row.platform === 'http' ? { document, card } : answer.wantsJson ? { document } : { card };
  await put(tx, row, `line:${row.id}`, body, now);
}

/** What an asker alone began goes on in a direct message; where they typed it they are told so. */
function hint(tx: Tx, row: InboxRow, now: number): Promise<void> {
  const card: Card = { title: 'Taken: the answer comes to you as a direct message.', tone: 'quiet' };
  return put(tx, row, `line:${row.id} where`, { card, hint: true }, now, true);
}

/** For the asker alone by what came with the line, while that is good; the sender knows where else. */
async function put(tx: Tx, row: InboxRow, key: string, body: MessageBody, now: number, onlyByReply = false): Promise<void> {
  const alone = isChat(row.platform) && row.place.alone === true && row.place.user !== undefined;
  if (onlyByReply && !alone) return;
  await tx.query(
    `insert into messages (key, inbox_id, platform, channel, place, person, body, made)
     select $1, $2, $3, case when $9 and replies then $10 else $4 end, $5, $6, $7, $8
     from (select exists (select 1 from inbox where id = $2 and reply is not null and reply_until > now()) as replies) as line where replies or not $11`,
    [key, row.id, row.platform, channelOf(row.place), toJsonb(row.place), row.actor, toJsonb(body), new Date(now), alone, REPLY, onlyByReply],
  );
}
