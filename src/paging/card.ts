import { alertsOfPage, firedOf } from '../alerts/fired.ts';
import type { Card } from '../chat/card.ts';
import type { Renderer } from '../deliver/shown.ts';
import type { BriefFacts } from '../escalation/brief.ts';
import { sayDuration } from '../lib/duration.ts';
import { Refusal } from '../lib/refusal.ts';
import { when } from '../rollout/words.ts';
import type { Queries } from '../store/db.ts';
import { eventsOf, type RecordedEvent } from '../store/events.ts';
import { pageJson, triesOf } from './json.ts';
import { receipt } from './receipt.ts';
import { type AttemptRow, grouped, type PageRow } from './rows.ts';
import type { PagingWorld } from './world.ts';

/** How a page looks now, for whoever looks or asked for it; it is told again when somebody has it, and when it is over. */
export const pageRenderer =
  (world: Pick<PagingWorld, 'clock'>): Renderer =>
  async (db, id, { place, json }) => {
    const { page, card, document } = await pageShown(db, world, id, place.zone);
    const turn = `${page.state} ${page.acked_by ?? ''}`;
    return { card, ...(json && { document }), progress: { line: card.title, turn, state: turn } };
  };

/** Throws Refusal where there is no such page. */
export async function pageShown(
  db: Queries,
  { clock }: Pick<PagingWorld, 'clock'>,
  id: string,
  zone: string,
): Promise<{ page: PageRow; card: Card; document: Record<string, unknown> }> {
  const [page] = await db.query<PageRow>(`select * from pages where id = $1`, [id]);
  if (!page) throw new Refusal(`There is no ${id}. "show pages" lists what there is.`);
  const tries = await triesOf(db, id);
  const events = await eventsOf(db, id);
  const fired = (await firedOf(db, [id])).get(id) ?? [];
  const now = clock.now();
  const drill = page.policy?.drill !== undefined;
  const card: Card = {
    title: titleOf(page),
    tone: page.state === 'open' ? 'bad' : page.state === 'acked' ? 'good' : 'quiet',
    body: [
      `${page.urgency}, since ${when(page.opened.getTime(), now, zone)}, asked by ${page.by}${page.about === null ? '' : `, about ${page.about}`}`,
      ...sayFired(fired, now, zone),
      ...asked(tries, now, zone),
      ...said(events, now, zone),
      ...(drill ? [receipt(page, tries, clock.speed)] : []),
      ...(page.state === 'open' && !drill ? ['It goes on from the top, and wider, until somebody has it.'] : []),
      ...(page.ack_ends && page.state === 'acked' ? [`until ${when(page.ack_ends.getTime(), now, zone)}; if it still burns then, it asks again`] : []),
    ],
    actions: actionsOf(page),
  };
  return { page, card, document: { ...pageJson(page, tries), alerts: await alertsOfPage(db, id) } as unknown as Record<string, unknown> };
}

function titleOf({ id, state, text, acked_by: by, recipient, policy }: PageRow): string {
  const whom = recipient?.replace(/^\w+:/, '') ?? 'everyone';
  const how = {
    open: policy?.drill === undefined ? `${id} asks for ${whom}` : `${id} tries the path to ${whom}`,
    acked: `${id} is with ${by}`,
    resolved: `${id} is over`,
    silenced: `${id} is silenced`,
  }[state];
  return `${how}: ${text}`.slice(0, 300);
}

function actionsOf({ id, state, about }: PageRow): NonNullable<Card['actions']> {
  const look = about !== null && /^(?:INC-|[RHE])\d+$/.test(about) ? [{ label: 'Look', command: `show ${about}` }] : [];
  if (state === 'open') return [{ label: 'I have it', command: `ack ${id}`, style: 'primary' }, { label: 'Not me', command: `pass ${id}` }, ...look];
  return state === 'acked' ? [{ label: 'Pass it on', command: `pass ${id}` }, ...look] : look;
}

function sayFired(fired: readonly Fired[], now: number, zone: string): string[] {
  const lines = fired.map(({ says, by, since, link }) => `burns since ${when(since, now, zone)}, ${by}: ${says}${link === undefined ? '' : ` ${link}`}`);
  return lines.length > MOST ? [...lines.slice(0, MOST), `${lines.length - MOST} more: show alerts`] : lines;
}

type Fired = NonNullable<BriefFacts['fired']>[number];

/** Askings that get a line, the latest. */
const MOST = 8;

function asked(tries: readonly AttemptRow[], now: number, zone: string): string[] {
  const turns = [...grouped(tries, ({ round, step, person }) => `${round} ${step} ${person}`).values()];
  const lines = turns.map((turn) => {
    const [{ person, due } = {} as AttemptRow] = turn;
    const answer = turn.find((one) => one.answer !== null)?.answer;
    return `${when(due.getTime(), now, zone)} ${person}: ${turn.map(sayTry).join(', ')}${answer ? `; ${answer === 'pass' ? 'passed it on' : answer}` : ''}`;
  });
  return lines.length > MOST ? [`${lines.length - MOST} earlier: show --json`, ...lines.slice(-MOST)] : lines;
}

function sayTry({ channel, state, says, tries }: AttemptRow): string {
  if (state === 'sent') return channel;
  if (state === 'failed') return `not by ${channel} (${(says ?? 'not taken').slice(0, 80)})`;
  return tries > (state === 'sending' ? 1 : 0) ? `${channel} tried again` : `${channel} on its way`;
}

/** Who was passed over and why, that it widened, that an acknowledgement lapsed: the latest, each once. */
function said(events: readonly RecordedEvent[], now: number, zone: string): string[] {
  const lines = events.flatMap(({ type, data, at, by }) => {
    const time = when(at.getTime(), now, zone);
    if (type === 'passed over') return [`${time} ${data['who']} was not waited for: ${data['why']}`];
    if (type === 'widened') return [`${time} nobody had answered: everyone who may act is asked`];
    if (type === 'joined') return [`${time} joined: ${data['alerts']}`];
    if (type === 'nobody asked') return [`${time} ${data['because']}`];
    if (type === 'lapsed') return [`${time} what ${data['who']} said lapsed, and it still burns`];
    if (type === 'passed') return [`${time} ${by} passed it on${data['to'] ? ` to ${data['to']}` : ''}${data['because'] ? `: ${data['because']}` : ''}`];
    if ((type === 'acknowledged' || type === 'taken') && data['because']) return [`${time} ${by}: ${data['because']}`];
    return type === 'resolved' || type === 'silenced' ? [`${time} ${data['because']}`] : [];
  });
  return lines.slice(-MOST);
}

/** How long ago, for lists. */
export const ageOf = (page: Pick<PageRow, 'opened'>, now: number): string => sayDuration(Math.max(0, now - page.opened.getTime()));
