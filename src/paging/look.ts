import { decide, type Next, type PageNow } from '../escalation/decide.ts';
import type { Policy } from '../escalation/policy.ts';
import { crashPoint } from '../lib/crash.ts';
import type { Queries, Tx } from '../store/db.ts';
import { recordAll } from '../store/events.ts';
import { toJsonb } from '../store/json.ts';
import type { TimersHandler } from '../store/timers.ts';
import { beginPages } from './begin.ts';
import { missedNow, noteMissed } from './missed.ts';
import { overNow } from './over.ts';
import { postInChannels } from './post.ts';
import { putAttempts } from './put-attempts.ts';
import { endPages } from './rest.ts';
import { type AttemptRow, grouped, type PageRow, recipientOf } from './rows.ts';
import { touchPages } from './touch.ts';
import type { PagingWorld } from './world.ts';

/** Domain ms after which a page that somebody else has in hand at this moment is looked at again. */
const IN_HAND = 100;

/** A page, what is next with it, and why. */
export interface Decided {
  page: PageRow & { policy: Policy };
  next: Next;
}

/** The heartbeat of pages: all that are due are decided about in one go, and what follows is written by the statement, not by the page. */
export function lookAtPages(world: PagingWorld): TimersHandler {
  return async (tx, timers) => {
    const now = world.clock.now();
    const refs = timers.map(({ ref }) => ref);
    // Somebody who answers holds their page and then wants its timer, which is held here: not waited for.
    const rows = await tx.query<PageRow>(`select * from pages where id = any ($1::text[]) and state in ('open', 'acked') order by id for update skip locked`, [
      refs,
    ]);
    const decided = await decideAll(tx, world, rows, now);
    crashPoint('page.decided');
    await writeAll(tx, world, decided, now);
    crashPoint('page.stepped');
    const inHand = await pagesInHand(
      tx,
      refs.filter((ref) => !decided.has(ref)),
    );
    return new Map(
      timers.flatMap(({ id, ref }): [string, number][] => {
        const at = inHand.has(ref) ? now + IN_HAND : decided.get(ref)?.next.at;
        return at === undefined ? [] : [[id, at]];
      }),
    );
  };
}

async function decideAll(tx: Tx, world: PagingWorld, rows: readonly PageRow[], now: number): Promise<Map<string, Decided>> {
  if (rows.length === 0) return new Map();
  const roster = await world.roster(tx);
  const pages = await beginPages(tx, world, roster, rows, now);
  const tried = await triedInRound(tx, pages);
  const over = await overNow(tx, pages);
  const missed = await missedNow(tx);
  const people = new Map(world.people().map((person) => [person.name, world.reaches(person)]));
  return new Map(
    pages.map((page) => {
      const words = over.get(page.id);
      const circumstances = {
        roster,
        channels: (name: string) => people.get(name) ?? [],
        missed: (name: string) => missed.get(name)?.filter((id) => id !== page.id).length ?? 0,
        ...(words !== undefined && { over: words }),
      };
      return [page.id, { page, next: decide(pageNow(page, tried.get(page.id) ?? []), now, circumstances) }];
    }),
  );
}

/** A page as `decide` sees it. */
export const pageNow = (page: Decided['page'], tried: readonly AttemptRow[]): PageNow => ({
  policy: page.policy,
  recipient: recipientOf(page.recipient),
  state: page.state as 'open' | 'acked',
  round: page.round,
  fromRound: page.from_round,
  step: page.step,
  stepped: page.stepped?.getTime() ?? page.opened.getTime(),
  ...(page.acked_by !== null && { ackedBy: page.acked_by }),
  ...(page.ack_ends !== null && { ackEnds: page.ack_ends.getTime() }),
  tried: tried.map((row) => ({ ...row, due: row.due.getTime(), answered: row.answered !== null })),
});

/** The tries of the round each page is in. */
export async function triedInRound(tx: Queries, pages: readonly PageRow[]): Promise<Map<string, AttemptRow[]>> {
  const rows = await tx.query<AttemptRow>(
    // What another page's message carries comes as far as that message does.
    `select a.page, a.step, a.person, a.channel, a.due, case when c.state = 'sending' or c.tries > 0 then c.state else a.state end as state,
       coalesce(c.tries, a.tries) as tries, a.answered
     from page_attempts a join pages p on p.id = a.page and p.round = a.round
     left join page_attempts c on a.state = 'carried' and c.id = a.carrier and c.state in ('waiting', 'sending')
     where a.page = any ($1::text[]) and not a.notice order by a.page, a.n`,
    [pages.filter(({ round }) => round > 0).map(({ id }) => id)],
  );
  return grouped(rows, ({ page }) => page);
}

async function writeAll(tx: Tx, world: PagingWorld, decided: ReadonlyMap<string, Decided>, now: number): Promise<void> {
  const all = [...decided.values()];
  const asked = all.filter(({ next }) => next.state !== 'resolved');
  await writePages(tx, asked);
  await putAttempts(tx, asked, now);
  await noteMissed(tx, asked);
  await recordAll(
    tx,
    asked.flatMap((one) => eventsOf(one, now)),
  );
  for (const one of asked) if (one.next.widened || one.next.posts.length > 0) await postInChannels(tx, world, one, now);
  await endPages(
    tx,
    all.filter(({ next }) => next.state === 'resolved').map(({ page, next }) => ({ id: page.id, state: 'resolved' as const, because: next.because })),
    { by: 'holdfast', at: now, timers: false },
  );
  await touchPages(
    tx,
    asked.filter(({ next }) => next.attempts.length > 0 || next.lapsed).map(({ page }) => page.id),
  );
}

async function writePages(tx: Tx, decided: readonly Decided[]): Promise<void> {
  await tx.query(
    `update pages p set state = n.state, rev = p.rev + 1, round = n.round, from_round = n.from_round, step = n.step, stepped = to_timestamp(n.stepped / 1000.0),
       policy = n.policy, recipient = n.recipient, nth = n.nth
     from jsonb_to_recordset($1::jsonb) as n (id text, state text, round int, from_round int, step int, stepped float8, policy jsonb, recipient text, nth int) where p.id = n.id`,
    [
      toJsonb(
        decided.map(({ page: { id, policy, recipient, nth }, next: { state, round, fromRound, step, stepped } }) => ({
          ...{ id, policy, recipient, nth },
          ...{ state, round, from_round: fromRound, step, stepped },
        })),
      ),
    ],
  );
}

function eventsOf({ page, next }: Decided, at: number): { thing: string; type: string; data: unknown; by: string; at: number }[] {
  const event = (type: string, data: unknown) => ({ thing: page.id, type, data, by: 'holdfast', at });
  const people = [...new Set(next.attempts.map(({ person }) => person))];
  return [
    ...(next.lapsed ? [event('lapsed', { who: page.acked_by })] : []),
    ...next.passed.map((passed) => event('passed over', passed)),
    ...(next.widened ? [event('widened', { round: next.round })] : []),
    ...(people.length > 0 ? [event('asked for an answer', { people, round: next.round, step: next.step })] : []),
    ...(people.length === 0 && next.round !== page.round ? [event('nobody asked', { because: next.because })] : []),
  ];
}

/** Pages somebody answers at this very moment: their timer stays. */
async function pagesInHand(tx: Tx, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await tx.query<{ id: string }>(`select id from pages where id = any ($1::text[]) and state in ('open', 'acked')`, [ids]);
  return new Set(rows.map(({ id }) => id));
}
