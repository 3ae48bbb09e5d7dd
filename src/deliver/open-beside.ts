import { crashPoint } from '../lib/crash.ts';
import type { Lane, Looked } from './lanes.ts';
import type { Beside } from './messenger.ts';
import { ask, isHeard, pauseAfter } from './post-once.ts';
import { NOT_OURS, type Sending, standsForUs } from './sending.ts';

/** A card whose thing is to get a channel of its own beside the one it stands in, and in how many wall ms that is tried. */
export interface DueOpening {
  id: string;
  channel: string;
  opens: Beside;
  open_tries: number;
  due: number;
}

/**
 * Tries of which nobody knows what came, while the platform answered other calls; with growing pauses that is half a minute. Then it gets none,
 * and what is said of the thing stands in its thread. A platform that answers nobody is waited for.
 */
export const OPENING_TRIES = 5;

/** That the channel is still to be had, as SQL. */
export const WANTS_OPENING = `c.opens is not null and c.opened is null and c.open_tries < ${OPENING_TRIES}`;

export async function dueOpening({ db, messenger, openings }: Sending, lane: Lane): Promise<DueOpening | undefined> {
  const rows = await db.query<Omit<DueOpening, 'due'>>(
    `select c.id, c.channel, c.opens, c.open_tries from cards c where c.platform = $1 and c.channel = $2 and ${WANTS_OPENING} order by c.id`,
    [messenger.platform, lane.channel],
  );
  const due = rows.map((row) => ({ ...row, due: Math.max(0, (openings.get(row.id) ?? 0) - Date.now()) }));
  return due.sort((a, b) => a.due - b.due)[0];
}

/** The place as it is without whoever asked, and where: a thread of the first channel is none of the other, as SQL. */
const ITSELF = `(place - 'thread' - 'user' - 'groups' - 'alone')`;

/** Makes the channel, once however often it is tried (its mark names it), and puts the card there too. */
export async function openBeside(sending: Sending, row: DueOpening): Promise<Looked> {
  const sent = await ask(sending, () => sending.messenger.open(row.channel, row.opens));
  crashPoint('incident.channel');
  if (sent.sent) {
    const ours = await sending.db.tx(async (tx) => {
      const [made] = await tx.query(
        `update cards set opened = $2, opened_url = $3, open_tries = 0, wanted_rev = wanted_rev + 1 where id = $1 and opened is null and ${standsForUs(4)} returning id`,
        [row.id, sent.id, sent.url ?? null, sending.lease, sending.holder],
      );
      if (!made) return false;
      await tx.query(
        `insert into cards (thing_kind, thing_id, platform, channel, place, pin)
         select thing_kind, thing_id, platform, opened, ${ITSELF} || jsonb_build_object('channel', opened), pin from cards where id = $1 on conflict do nothing`,
        [row.id],
      );
      await tx.notify('shown', 'channel');
      return true;
    });
    if (ours) sending.openings.delete(row.id);
    return ours ? { rest: 0 } : NOT_OURS;
  }
  // The channel beside which it is made goes on meanwhile.
  if (sent.why === 'later') {
    sending.openings.set(row.id, Date.now() + sent.after);
    return sent.scope === 'workspace' ? { stop: sent.after } : { rest: 0 };
  }
  sending.openings.set(row.id, Date.now() + pauseAfter(row.open_tries + 1));
  const counts = sent.why === 'no' || isHeard(sending);
  const tries = sent.why === 'no' ? OPENING_TRIES : row.open_tries + (counts ? 1 : 0);
  if (tries >= OPENING_TRIES) {
    sending.openings.delete(row.id);
    sending.log.warn({ card: row.id, channel: row.channel, says: sent.says }, 'no channel of its own can be made beside it; what is said stands in the thread');
  }
  // It may have been closed meanwhile.
  await sending.db.query(`update cards set open_tries = greatest(open_tries, $2) where id = $1`, [row.id, tries]);
  return { rest: 0 };
}
