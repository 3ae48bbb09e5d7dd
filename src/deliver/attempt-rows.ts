import type { Place } from '../chat/command.ts';
import type { Tx } from '../store/db.ts';
import type { ChannelName } from './channel.ts';

/** A try that is due: it is sent as soon as the transaction is committed, or from `notBefore` on (wall time). */
export interface NewAttempt {
  round: number;
  step: number;
  person: string;
  channel: ChannelName;
  /** Domain time. */
  due: number;
  notice?: boolean;
}

/** More open pages of one recipient than this are not told apart in their order. */
const RANKS = 1000;

/** Adds tries of one page, numbered after those it has, and wakes whoever sends. The caller holds the row of the page. */
export async function putAttempts(tx: Tx, page: string, attempts: readonly NewAttempt[]): Promise<void> {
  if (attempts.length === 0) return;
  await tx.query(
    `insert into page_attempts (page, n, round, step, person, channel, due, notice, rank)
     select $1, (select coalesce(max(n), 0) from page_attempts where page = $1) + new.position, new.round, new.step, new.person, new.channel,
            to_timestamp(new.due / 1000.0), coalesce(new.notice, false),
            (select count(*) from (select 1 from pages other join pages mine on mine.id = $1
               where other.state = 'open' and other.recipient = mine.recipient
                 and (other.opened, length(other.id), other.id) < (mine.opened, length(mine.id), mine.id) limit ${RANKS}) as before)
     from jsonb_to_recordset($2::jsonb) as new (position int, round int, step int, person text, channel text, due float8, notice boolean)`,
    [page, JSON.stringify(attempts.map((one, at) => ({ ...one, position: at + 1 })))],
  );
  await tx.notify('attempts');
}

/** What was not sent yet of a page will not be. What is in a provider's hands at this moment may still arrive. */
export async function callOff(tx: Tx, page: string, which: 'all' | 'attempts' = 'all'): Promise<void> {
  await tx.query(`update page_attempts set state = 'called off' where page = $1 and state = 'waiting' and (not notice or $2)`, [page, which === 'all']);
}

/** Which attempt an answer came by: a link or a key names it; else the newest one by the platform it was typed on, else the newest of that person. */
export async function markAnswered(tx: Tx, said: { page: string; person: string; place: Place; answer: string; at: number }): Promise<void> {
  const named = said.place.platform === 'http' ? /^attempt:(\d+)$/.exec(said.place.channel)?.[1] : undefined;
  const channel = said.place.platform === 'terminal' ? 'dm' : said.place.platform;
  await tx.query(
    `update page_attempts set answer = $4, answered = $5 where answered is null and id =
       (select id from page_attempts where page = $1 and person = $2 and not notice and state = 'sent'
        order by (id = $6::bigint) desc nulls last, (channel = $3) desc, id desc limit 1)`,
    [said.page, said.person, channel, said.answer, new Date(said.at), named ?? null],
  );
}
