import { crashPoint } from '../lib/crash.ts';
import type { Lane, Looked } from './lanes.ts';
import type { Beside } from './messenger.ts';
import { ask } from './post-once.ts';
import { type Sending, standsForUs } from './sending.ts';

/** A card whose thing is to get a channel of its own beside the one it stands in. */
export interface DueOpening {
  id: string;
  channel: string;
  opens: Beside;
}

/** Tries before it gets none: the bot may not make any there, or there are too many. What is said of the thing stands in its thread then. */
export const OPENING_TRIES = 3;
/** Wall ms after one that failed. */
const PAUSE = 2_000;

/** That the channel is still to be had, as SQL. */
export const WANTS_OPENING = `c.opens is not null and c.opened is null and c.open_tries < ${OPENING_TRIES}`;

export async function dueOpening({ db, messenger }: Sending, lane: Lane): Promise<DueOpening | undefined> {
  const [row] = await db.query<DueOpening>(
    `select c.id, c.channel, c.opens from cards c where c.platform = $1 and c.channel = $2 and ${WANTS_OPENING} order by c.id limit 1`,
    [messenger.platform, lane.channel],
  );
  return row;
}

/** The place as it is without whoever asked, and where: a thread of the first channel is none of the other, as SQL. */
const ITSELF = `(place - 'thread' - 'user' - 'groups' - 'alone')`;

/** Makes the channel, once however often it is tried (its mark names it), and puts the card there too. */
export async function openBeside(sending: Sending, row: DueOpening): Promise<Looked> {
  const sent = await ask(sending, () => sending.messenger.open(row.channel, row.opens));
  crashPoint('incident.channel');
  if (sent.sent) {
    await sending.db.tx(async (tx) => {
      const [made] = await tx.query(
        `update cards set opened = $2, opened_url = $3, open_tries = 0, wanted_rev = wanted_rev + 1 where id = $1 and opened is null and ${standsForUs(4)} returning id`,
        [row.id, sent.id, sent.url ?? null, sending.lease, sending.holder],
      );
      if (!made) return;
      await tx.query(
        `insert into cards (thing_kind, thing_id, platform, channel, place, pin)
         select thing_kind, thing_id, platform, opened, ${ITSELF} || jsonb_build_object('channel', opened), pin from cards where id = $1 on conflict do nothing`,
        [row.id],
      );
      await tx.notify('shown', 'channel');
    });
    return { rest: 0 };
  }
  if (sent.why === 'later') return sent.scope === 'workspace' ? { stop: sent.after } : { rest: sent.after };
  const over = sent.why === 'no';
  if (over)
    sending.log.warn({ card: row.id, channel: row.channel, says: sent.says }, 'no channel of its own can be made beside it; what is said stands in the thread');
  await sending.db.query(`update cards set open_tries = case when $2 then ${OPENING_TRIES} else open_tries + 1 end where id = $1`, [row.id, over]);
  return { rest: PAUSE };
}
