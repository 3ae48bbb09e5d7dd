import type { Reply } from '../chat/command.ts';
import { Refusal } from '../lib/refusal.ts';
import { type Person, rank, strongestRole } from '../people.ts';
import type { Queries } from '../store/db.ts';
import type { PageRow } from './rows.ts';

type Found = Pick<PageRow, 'id' | 'state' | 'text' | 'recipient'> & { theirs: boolean };

/**
 * The page somebody means: the one they named; without a name the only one there is. Of several they are shown all with a button each: never a
 * guess, never all at once. Throws Refusal where there is none, or where it is not theirs to answer.
 */
export async function whichPage(
  db: Queries,
  actor: Person,
  { named, verb, states }: { named: string | undefined; verb: 'ack' | 'pass' | 'take'; states: readonly PageRow['state'][] },
): Promise<{ page: string } | Reply> {
  const operator = rank(strongestRole(actor)) >= rank('operator');
  const rows = await db.query<Found>(
    `select p.id, p.state, p.text, p.recipient, (p.recipient = 'person:' || $1 or p.acked_by = $1
       or exists (select 1 from page_attempts a where a.page = p.id and a.person = $1)) as theirs
     from pages p where ${named === undefined ? 'p.state = any ($2::text[])' : 'p.id = $2'} order by p.opened, length(p.id), p.id`,
    [actor.name, named ?? states],
  );
  const mine = rows.filter(({ theirs }) => operator || theirs);
  const [only] = mine;
  if (named !== undefined) {
    if (rows.length === 0) throw new Refusal(`There is no ${named}. "show pages" lists what there is.`);
    if (!only) throw new Refusal(`${named} was not sent to ${actor.name}; somebody with the role operator can ${verb} it.`);
    return { page: only.id };
  }
  if (!only)
    throw new Refusal(
      rows.length === 0
        ? `No page waits${verb === 'ack' ? ' for an answer' : ''}. "show pages" lists what there was.`
        : `None of the pages that wait was sent to ${actor.name}.`,
    );
  if (mine.length === 1) return { page: only.id };
  const ordered = [...mine.filter(({ theirs }) => theirs), ...mine.filter(({ theirs }) => !theirs)];
  return {
    card: {
      title: `Which one? ${mine.length} pages wait. Nothing was done.`,
      tone: 'attention',
      body: ordered.slice(0, MOST).map(({ id, text, theirs }) => `${id}: ${text.slice(0, 120)}${theirs ? '' : ' (not sent to you)'}`),
      actions: ordered.slice(0, MOST).map(({ id }) => ({ label: id, command: `${verb} ${id}` })),
    },
    json: { refused: 'which one?', pages: ordered.map(({ id, text }) => ({ id, text })) },
    outcome: 'refused',
  };
}

const MOST = 10;
