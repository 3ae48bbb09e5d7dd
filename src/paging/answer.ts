import type { Place } from '../chat/command.ts';
import type { Policy } from '../escalation/policy.ts';
import { crashPoint } from '../lib/crash.ts';
import { sayDuration } from '../lib/duration.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Tx } from '../store/db.ts';
import { record } from '../store/events.ts';
import { toJsonb } from '../store/json.ts';
import { armTimer } from '../store/timers.ts';
import { noteAnswer } from './missed.ts';
import { callOff, notify } from './rest.ts';
import type { PageRow } from './rows.ts';
import { touchPages } from './touch.ts';

/** Who says something about a page, where, and when (domain ms). */
export interface Said {
  page: string;
  by: string;
  place: Place;
  at: number;
}

/**
 * Somebody has it: nobody else is asked, and everyone who was is told who has it. While what it is about goes on it rests for `lasts` (domain ms)
 * and asks again after; a page about nothing that Holdfast could see end rests for good. Answers when it lapses.
 */
export async function acknowledge(
  tx: Tx,
  said: Said,
  { lasts, verb = 'acknowledged', because }: { lasts?: number; verb?: 'acknowledged' | 'taken'; because?: string } = {},
): Promise<number | undefined> {
  const page = await pageToAnswer(tx, said.page);
  const burns = page.about !== null && page.urgency !== 'low';
  const length = lasts ?? (burns ? ((page.policy as Policy | null)?.ackLasts ?? HOUR) : undefined);
  const ends = length === undefined ? undefined : said.at + length;
  await tx.query(`update pages set state = 'acked', rev = rev + 1, acked_by = $2, acked = $3, ack_ends = $4 where id = $1`, [
    page.id,
    said.by,
    new Date(said.at),
    ends === undefined ? null : new Date(ends),
  ]);
  if (ends === undefined) await tx.query(`delete from timers where kind = 'page' and ref = $1`, [page.id]);
  else await armTimer(tx, { kind: 'page', ref: page.id, due: ends });
  await callOff(tx, [page.id]);
  await markAnswered(tx, said, 'ack');
  await noteAnswer(tx, said.by, said.at);
  const instead = page.state === 'acked' && page.acked_by !== said.by ? `, instead of ${page.acked_by}` : '';
  await notify(tx, [{ page: page.id, text: `${page.id} is with ${said.by}${instead}: ${page.text}` }], { but: said.by, at: said.at });
  await record(tx, {
    thing: page.id,
    type: verb,
    data: { ...(length !== undefined && { for: sayDuration(length) }), ...(because !== undefined && { because }) },
    by: said.by,
    at: said.at,
  });
  await touchPages(tx, [page.id]);
  crashPoint('page.answered');
  return ends;
}

const HOUR = 3_600_000;

/** Not me: whoever is next is asked at once; or somebody by name, and after them everyone from the top. */
export async function passOn(tx: Tx, said: Said, { to, because }: { to?: string; because?: string } = {}): Promise<void> {
  const page = await pageToAnswer(tx, said.page);
  const policy = page.policy as Policy | null;
  await noteAnswer(tx, said.by, said.at);
  await markAnswered(tx, said, 'pass');
  await callOffOf(tx, page.id, said.by);
  // Their time is over, so that the next step is due; somebody by name is a first step of their own, and the round begins with them.
  const named =
    policy && to !== undefined
      ? { ...policy, steps: [{ who: [{ is: 'person' as const, name: to }], next: policy.steps[0]?.next ?? HOUR }, ...policy.steps] }
      : undefined;
  await tx.query(
    `update pages set state = 'open', rev = rev + 1, acked_by = null, acked = null, ack_ends = null, stepped = case when round > 0 then 'epoch'::timestamptz else stepped end,
       recipient = case when policy is null then coalesce('person:' || $5, recipient) else recipient end, policy = coalesce($2, policy), step = coalesce($3, step), from_round = from_round + $4::int where id = $1`,
    [page.id, named ? toJsonb(named) : null, named ? named.steps.length - 1 : null, named ? 1 : 0, to ?? null],
  );
  await armTimer(tx, { kind: 'page', ref: page.id, due: said.at });
  await record(tx, {
    thing: page.id,
    type: 'passed',
    data: { ...(to !== undefined && { to }), ...(because !== undefined && { because }) },
    by: said.by,
    at: said.at,
  });
  await touchPages(tx, [page.id]);
  crashPoint('page.answered');
}

async function pageToAnswer(tx: Tx, id: string): Promise<PageRow> {
  const [page] = await tx.query<PageRow>(`select * from pages where id = $1 for update`, [id]);
  if (!page) throw new Refusal(`There is no ${id}. "show pages" lists what there is.`);
  if (page.state === 'open' || page.state === 'acked') return page;
  throw new Refusal(`${id} is ${page.state === 'resolved' ? 'over' : 'silenced'} already; nobody is asked about it.`);
}

async function callOffOf(tx: Tx, page: string, person: string): Promise<void> {
  await tx.query(`update page_attempts set state = 'called off' where page = $1 and person = $2 and state = 'waiting' and carrier is null and not notice`, [
    page,
    person,
  ]);
}

/** The tries the answer is to: the one a link or a key names; else the newest one by the platform it was typed on; at a terminal all of that turn. */
async function markAnswered(tx: Tx, { page, by, place, at }: Said, answer: string): Promise<void> {
  const named = place.platform === 'http' ? /^attempt:(\d+)$/.exec(place.channel)?.[1] : undefined;
  await tx.query(
    `with mine as (select id, channel, round, step from page_attempts where page = $1 and person = $2 and not notice and state in ('sent', 'sending')),
       last as (select * from mine order by (id = $5::bigint) desc nulls last, (channel = $6) desc, id desc limit 1)
     update page_attempts a set answer = $3, answered = $4 from mine, last
     where a.id = mine.id and a.answered is null
       and (mine.id = last.id or ($5::bigint is null and last.channel is distinct from $6 and (mine.round, mine.step) = (last.round, last.step)))`,
    [page, by, answer, new Date(at), named ?? null, place.platform],
  );
}
