import type { Card } from '../chat/card.ts';
import type { Queries } from '../store/db.ts';
import { ageOf } from './card.ts';
import type { PageRow } from './rows.ts';

/** Pages that get a row. */
const MOST = 50;

/** Pages nobody has, then those somebody has and that may ask again, then the latest that are over. */
export async function pagesListed(db: Queries, now: number): Promise<{ card: Card; json: Record<string, unknown> }> {
  const pages = await db.query<PageRow>(
    `select * from pages order by array_position(array['open', 'acked', 'silenced', 'resolved'], state), opened desc, length(id) desc, id desc limit ${MOST}`,
  );
  const rates = await answerRates(db);
  const [count] = await db.query<{ open: number; acked: number }>(
    `select count(*) filter (where state = 'open')::int as open, count(*) filter (where state = 'acked')::int as acked from pages where state in ('open', 'acked')`,
  );
  const { open = 0, acked = 0 } = count ?? {};
  return {
    card: {
      title:
        pages.length === 0
          ? 'No page was ever sent.'
          : `${open} ${open === 1 ? 'page waits' : 'pages wait'} for an answer, ${acked} ${acked === 1 ? 'is' : 'are'} with somebody`,
      tone: open > 0 ? 'bad' : 'good',
      ...(pages.length > 0 && {
        table: {
          columns: ['page', 'state', 'for', 'since', 'what'],
          rows: pages.map((page) => [
            page.id,
            page.state === 'acked' ? `with ${page.acked_by}` : page.state,
            page.recipient?.replace(/^\w+:/, '') ?? 'everyone',
            ageOf(page, now),
            page.text.slice(0, 120),
          ]),
        },
      }),
      ...(rates.length > 0 && {
        body: [`answered, of what was sent: ${rates.map(({ person, channel, sent, answered }) => `${person} by ${channel} ${answered}/${sent}`).join(', ')}`],
      }),
      actions: pages
        .filter(({ state }) => state === 'open')
        .slice(0, 5)
        .map(({ id }) => ({ label: `I have ${id}`, command: `ack ${id}` })),
    },
    json: {
      pages: pages.map(({ id, state, text, urgency, recipient, about, opened, acked_by }) => ({
        id,
        state,
        text,
        urgency,
        to: recipient,
        about,
        opened: opened.toISOString(),
        acked_by,
      })),
      answered: rates,
    },
  };
}

/** Of the latest thousand that were sent: how often somebody answered by a channel. */
const answerRates = (db: Queries): Promise<{ person: string; channel: string; sent: number; answered: number }[]> =>
  db.query(
    `select person, channel, count(*)::int as sent, count(*) filter (where answered is not null)::int as answered
     from (select person, channel, answered from page_attempts where state = 'sent' and not notice order by id desc limit 1000) as latest
     group by person, channel order by person, channel`,
  );
