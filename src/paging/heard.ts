import type { Paging } from '../deliver/attempt.ts';
import type { Tx } from '../store/db.ts';
import { touchPages } from './touch.ts';
import type { PagingWorld } from './world.ts';

/**
 * What follows from what a provider said: whatever is not sent, the first time, has its page looked at once, for the next channel or the next person.
 * The tries a message carries for other pages went as it went.
 */
export function heardOf(world: Pick<PagingWorld, 'clock'>): Paging['heard'] {
  return async (tx, attempt, delivery) => {
    const carried = await settleCarried(tx, attempt.id);
    // Tried again later, it carries them still: they have their next channels begun as its own page has.
    const still = !delivery.sent && delivery.why === 'later' && attempt.tries === 1 ? await stillCarried(tx, attempt.id) : [];
    const pages = [attempt.page, ...carried, ...still];
    if (!delivery.sent && attempt.notice && delivery.why !== 'later') await noticeElsewhere(tx, attempt);
    if (!delivery.sent && !attempt.notice && (attempt.tries === 1 || delivery.why !== 'later')) await lookAtOnce(tx, pages, world.clock.now());
    await touchPages(tx, pages);
  };
}

/** Answers the pages whose tries were carried by this one, when it was sent or given up. */
async function settleCarried(tx: Tx, id: string): Promise<string[]> {
  const rows = await tx.query<{ page: string }>(
    `update page_attempts a set state = c.state, sent = c.sent, provider_id = c.provider_id, says = c.says from page_attempts c
     where c.id = $1 and c.carrier = c.id and c.state in ('sent', 'failed') and a.carrier = c.id and a.state = 'carried' returning a.page`,
    [id],
  );
  return rows.map(({ page }) => page);
}

async function stillCarried(tx: Tx, id: string): Promise<string[]> {
  const rows = await tx.query<{ page: string }>(`select page from page_attempts where carrier = $1 and id <> $1 and state = 'carried'`, [id]);
  return rows.map(({ page }) => page);
}

async function lookAtOnce(tx: Tx, pages: readonly string[], at: number): Promise<void> {
  await tx.query(`update timers set due = least(due, $2), rev = rev + 1, held_until = null where kind = 'page' and ref = any ($1::text[])`, [
    pages,
    new Date(at),
  ]);
  await tx.notify('timers', String(at));
}

/** Somebody who was woken is told by another of the channels that reached them. */
async function noticeElsewhere(tx: Tx, { id, page, person, channel }: Parameters<Paging['heard']>[1]): Promise<void> {
  await tx.query(
    `insert into page_attempts (page, n, round, step, person, channel, due, notice, text, rank)
     select $1, (select max(n) + 1 from page_attempts where page = $1), f.round, f.step, f.person, o.channel, f.due, true, f.text, f.rank
     from page_attempts f join page_attempts o on o.page = f.page and o.person = f.person
     where f.id = $4 and o.state = 'sent' and not o.notice and o.channel <> $3 and o.channel <> 'voice'
       and not exists (select 1 from page_attempts t where t.page = $1 and t.person = $2 and t.notice and t.text = f.text and t.channel = o.channel)
     order by o.id limit 1`,
    [page, person, channel, id],
  );
  await tx.notify('attempts');
}
