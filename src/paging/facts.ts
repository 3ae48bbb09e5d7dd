import { firedOf } from '../alerts/fired.ts';
import type { BriefFacts } from '../escalation/brief.ts';
import type { Roster } from '../escalation/roster.ts';
import type { Queries } from '../store/db.ts';
import { type AttemptRow, grouped, type PageRow, recipientOf } from './rows.ts';
import type { PagingWorld } from './world.ts';

/** What is known of some pages, without the person it is told to. */
export type Known = Omit<BriefFacts, 'reader' | 'asked' | 'now'> & { asked: (BriefFacts['asked'][number] & { round: number; step: number })[] };

/** Domain ms. */
const LAST_DAY = 86_400_000;
const CHANGES = 12;

/** Reads everything a brief says, for many pages at once. */
export async function knownOf(db: Queries, world: PagingWorld, pages: readonly PageRow[], roster: Roster): Promise<Map<string, Known>> {
  const ids = pages.map(({ id }) => id);
  const now = world.clock.now();
  const asked = grouped(await askedOf(db, ids), ({ page }) => page);
  const said = grouped(await saidOf(db, ids), ({ thing }) => thing);
  const before = grouped(await beforeOf(db, pages), ({ recipient }) => recipient);
  const changed = await changedOf(db, now);
  const fired = await firedOf(db, ids);
  return new Map(
    pages.map((page) => {
      const { id, text, urgency, opened, by, about, recipient } = page;
      const events = said.get(id) ?? [];
      const lapsed = events.findLast(({ type }) => type === 'lapsed')?.data['who'];
      const runbook = roster.runbook(recipientOf(recipient));
      const service = /^service:(.+)$/.exec(recipient ?? '')?.[1];
      const known: Known = {
        ...{ id, text, urgency, by, changed, more: page.more },
        fired: fired.get(id) ?? [],
        opened: opened.getTime(),
        ...(about !== null && { about }),
        ...(service !== undefined && world.isGroup(service) && { target: `@${service}` }),
        asked: turnsOf(asked.get(id) ?? []),
        said: events.flatMap(({ type, by: who, data }) =>
          type === 'lapsed' || !data['because'] ? [] : [`${who} ${type === 'passed' ? 'passed it on' : 'had it'}: ${data['because']}`],
        ),
        ...(typeof lapsed === 'string' && { lapsed }),
        ...(runbook && { runbook }),
        before: (before.get(recipient ?? '') ?? []).filter((one) => one.id !== id).map(({ acked_by: person, acked }) => ({ person, at: acked.getTime() })),
      };
      return [id, known];
    }),
  );
}

/** Tries of one person in one step are one asking. */
function turnsOf(rows: readonly AttemptRow[]): Known['asked'] {
  return [...grouped(rows, ({ round, step, person }) => `${round} ${step} ${person}`).values()].map((turn) => {
    const [{ round, step, person, due } = {} as AttemptRow] = turn;
    const answer = turn.find((one) => one.answer !== null)?.answer;
    return {
      ...{ round, step, person },
      at: due.getTime(),
      channels: turn.map(({ channel }) => channel),
      reached: turn.some(({ state }) => state === 'sent'),
      ...(answer && { answer }),
    };
  });
}

const askedOf = (db: Queries, ids: readonly string[]): Promise<AttemptRow[]> =>
  db.query<AttemptRow>(`select * from page_attempts where page = any ($1::text[]) and not notice and state <> 'called off' order by page, n`, [ids]);

const saidOf = (db: Queries, ids: readonly string[]): Promise<{ thing: string; type: string; by: string; data: Record<string, unknown> }[]> =>
  db.query(
    `select thing, type, by, data from events where thing = any ($1::text[]) and type in ('passed', 'acknowledged', 'taken', 'lapsed') order by thing, rev`,
    [ids],
  );

/** Who had pages of the same recipient, each once. */
const beforeOf = (db: Queries, pages: readonly PageRow[]): Promise<{ recipient: string; id: string; acked_by: string; acked: Date }[]> =>
  db.query(
    `select * from (select distinct on (recipient, acked_by) recipient, id, acked_by, acked from pages where recipient = any ($1::text[]) and acked_by is not null
     order by recipient, acked_by, acked desc) as each order by acked desc`,
    [[...new Set(pages.flatMap(({ recipient }) => recipient ?? []))]],
  );

/** What people and runs did within the last day, what people noted they did by hand, and what other systems say was changed. */
async function changedOf(db: Queries, now: number): Promise<BriefFacts['changed']> {
  const rows = await db.query<{ at: Date; says: string }>(
    `select at, says from (
       select begun_at as at, id || ' ' || coalesce(plan ->> 'words', job) || ' ' || (plan ->> 'expression') || ' by ' || by || ', ' || state as says
         from runs where begun_at > $1
       union all select begun, id || ' ' || kind || ' paused on ' || expression || ' by ' || owner from holds where begun > $1
       union all select at, by || ' noted: ' || (data ->> 'text') from events where at > $1 and type = 'noted' and by <> 'holdfast' and data ? 'text'
       union all select at, replace(by, 'integration:', '') || ': ' || (data ->> 'text') from events where at > $1 and type = 'changed' and starts_with(thing, 'change:')
     ) as changes order by at desc limit ${CHANGES}`,
    [new Date(now - LAST_DAY)],
  );
  return rows.map(({ at, says }) => ({ at: at.getTime(), says }));
}
