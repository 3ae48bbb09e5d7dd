import type { Card } from '../chat/card.ts';
import type { Attempt, Paging } from '../deliver/attempt.ts';
import type { PageMessage } from '../deliver/channel.ts';
import { brief } from '../escalation/brief.ts';
import { when } from '../rollout/words.ts';
import type { Queries } from '../store/db.ts';
import { atOnce } from './at-once.ts';
import { type Known, knownOf } from './facts.ts';
import { grouped, type PageRow } from './rows.ts';
import type { PagingWorld } from './world.ts';

/** What tries carry, read for all that are sent at the same moment by the same few queries. */
export function sayPages(world: PagingWorld): Paging['say'] {
  const one = atOnce(async (asked: readonly { db: Queries; attempt: Attempt }[]) => {
    const [first] = asked;
    return first
      ? sayAll(
          world,
          first.db,
          asked.map(({ attempt }) => attempt),
        )
      : [];
  });
  return (db, attempt) => one({ db, attempt });
}

/** A try as it lies in its row, with the page; of one that carries others, those too. */
interface Row {
  attempt: string;
  carrier: string | null;
  text: string | null;
  page: string;
}

async function sayAll(world: PagingWorld, db: Queries, attempts: readonly Attempt[]): Promise<(PageMessage | undefined)[]> {
  const rows = await db.query<Row>(
    `select id as attempt, carrier, text, page from page_attempts where id = any ($1::bigint[])
     union all select id, carrier, text, page from page_attempts where carrier = any ($1::bigint[]) and state = 'carried' order by attempt`,
    [attempts.map(({ id }) => id)],
  );
  const own = new Map(rows.map((row) => [row.attempt, row]));
  const carried = grouped(
    rows.filter(({ carrier, attempt }) => carrier !== null && carrier !== attempt),
    ({ carrier }) => carrier as string,
  );
  const pages = new Map(
    (await db.query<PageRow>(`select * from pages where id = any ($1::text[])`, [[...new Set(rows.map(({ page }) => page))]])).map((page) => [page.id, page]),
  );
  const briefed = attempts.filter(({ notice, id }) => !notice && !carried.has(id)).flatMap(({ page }) => pages.get(page) ?? []);
  const known = await knownOf(db, world, [...new Set(briefed)], await world.roster(db));
  return attempts.map((attempt) => {
    const row = own.get(attempt.id);
    const page = pages.get(attempt.page);
    if (!row || !page) return undefined;
    if (attempt.notice) return messageOf(attempt, page, noticeCard(row.text ?? page.text));
    const others = [...new Set((carried.get(attempt.id) ?? []).map((one) => one.page))].flatMap((id) => pages.get(id) ?? []);
    const open = [page, ...others].filter(({ state }) => state === 'open');
    if (open.length === 0) return undefined;
    if (others.length > 0) return messageOf(attempt, open[0] as PageRow, manyCard(world, open, attempt.person));
    return messageOf(attempt, page, brief(factsFor(world, known.get(page.id) as Known, attempt)));
  });
}

function messageOf(attempt: Attempt, page: PageRow, card: Card): PageMessage {
  return { key: `${attempt.page}-${attempt.n}`, page: page.id, urgency: page.urgency, text: card.title, card };
}

/** Of whoever was asked before this try, and not of its own turn. */
function factsFor(world: PagingWorld, known: Known, { person, round, step }: Attempt): Parameters<typeof brief>[0] {
  const asked = known.asked.filter((one) => (one.round - round || one.step - step) < 0 && one.person !== person);
  return { ...known, now: world.clock.now(), reader: { name: person, zone: zoneOf(world, person) }, asked: latestOfEach(asked) };
}

/** Somebody who was asked in every round is said once, as it went last. */
function latestOfEach(asked: Known['asked']): Known['asked'] {
  return [...new Map(asked.map((one) => [one.person, one])).values()];
}

const zoneOf = (world: PagingWorld, person: string): string => world.people().find(({ name }) => name === person)?.zone ?? 'UTC';

const noticeCard = (text: string): Card => ({ title: text, tone: 'quiet' });

/** Pages that get a line, and a button. */
const LISTED = 10;
const BUTTONS = 3;

function manyCard(world: PagingWorld, pages: readonly PageRow[], person: string): Card {
  const now = world.clock.now();
  const zone = zoneOf(world, person);
  return {
    title: `${pages.length} pages for you: ${pages
      .slice(0, 3)
      .map(({ id, text }) => `${id} ${text.slice(0, 60)}`)
      .join('; ')}${pages.length > 3 ? ' …' : ''}`,
    tone: 'bad',
    body: [
      ...pages.slice(0, LISTED).map(({ id, text, opened }) => `${id} since ${when(opened.getTime(), now, zone)}: ${text.slice(0, 100)}`),
      ...(pages.length > LISTED ? [`and ${pages.length - LISTED} more: show pages`] : []),
    ],
    actions: [...pages.slice(0, BUTTONS).map(({ id }) => ({ label: `I have ${id}`, command: `ack ${id}` })), { label: 'All of them', command: 'show pages' }],
  };
}
