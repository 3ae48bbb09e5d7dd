import type { Card } from '../chat/card.ts';
import type { Place } from '../chat/command.ts';
import type { Ops } from '../ops.ts';
import type { Tx } from '../store/db.ts';
import { record } from '../store/events.ts';
import type { TimerHandler } from '../store/timers.ts';
import { PAUSE_TIMER } from './pause.ts';
import type { AlertRow } from './rows.ts';
import { sayAlerts } from './say.ts';
import { type AlertsWorld, lockAlerts, settle } from './settle.ts';
import { wakeSilenced } from './wake.ts';

/** What came of the end of a pause. */
export interface PauseEnded {
  id: string;
  expression: string;
  owner: string;
  place: Place;
  /** How many alerts were silenced by it in all, and what they said. */
  silenced: number;
  was: string;
  /** What burns still, and the pages that ask about it now. */
  burning: AlertRow[];
  pages: string[];
}

type Row = Pick<PauseEnded, 'id' | 'expression' | 'owner' | 'place'>;

/**
 * Ends pauses that are open: what burns still asks now. The caller says why; `undefined` in the place of one that has ended already. The caller
 * holds the lock (`lockAlerts`).
 */
export async function endPause(tx: Tx, world: AlertsWorld, id: string, { by, at }: { by: string; at: number }): Promise<PauseEnded | undefined> {
  const [row] = await tx.query<Row>(
    `update holds set state = 'ended', ended = $2, rev = rev + 1 where id = $1 and kind = 'alerts' and state = 'open' returning id, expression, owner, place`,
    [id, new Date(at)],
  );
  if (!row) return undefined;
  await tx.query(`update hold_hosts set state = 'resumed' where hold = $1`, [id]);
  await tx.query(`delete from timers where kind = $1 and ref = $2`, [PAUSE_TIMER, id]);
  const silenced = await tx.query<AlertRow>(`select * from alerts where silenced_by = $1 order by id`, [id]);
  const burning = silenced.filter(({ state }) => state === 'firing');
  await settle(tx, world, burning, at);
  // Alerts about several hosts of which this one was one are known under another silence.
  await wakeSilenced(tx, at);
  const pages = await tx.query<{ page: string }>(
    `select distinct page, length(page) from alerts where id = any ($1::bigint[]) and page is not null order by 2, 1`,
    [burning.map((alert) => alert.id)],
  );
  const ended = { ...row, silenced: silenced.length, was: silenced.length > 0 ? sayAlerts(silenced) : '', burning, pages: pages.map(({ page }) => page) };
  await record(tx, {
    thing: id,
    type: 'ended',
    data: { silenced: ended.silenced, ...(ended.was !== '' && { was: ended.was }), burning: burning.length, pages: ended.pages },
    by,
    at,
  });
  return ended;
}

/** A pause always ends at its time, and says so to whoever asked for it: what it silenced, and what burns still. */
export function pauseTimer(world: Pick<Ops, 'clock' | 'config' | 'fleet' | 'tell'>): TimerHandler {
  return async (tx, { ref }) => {
    await lockAlerts(tx);
    const at = world.clock.now();
    const ended = await endPause(tx, world, ref, { by: 'holdfast', at });
    if (ended) await tellEnd(tx, world.tell, ended, at);
    return undefined;
  };
}

export async function tellEnd(tx: Tx, tell: Ops['tell'], ended: PauseEnded, at: number, but?: string): Promise<void> {
  const card = endCard(ended);
  const key = `alerts paused:${ended.id} end`;
  if (ended.owner !== but) await tell.tell(tx, { key, to: { person: ended.owner }, card, asked: ended.place, at });
  await tell.news(tx, { key: `${key} news`, news: 'hold', what: { card }, at });
}

export function endCard({ id, expression, silenced, was, burning, pages }: PauseEnded): Card {
  return {
    title: `${id} is over: alerts of ${expression} are heard again`,
    tone: burning.length > 0 ? 'attention' : 'good',
    body: [
      silenced === 0 ? 'Nothing was silenced meanwhile.' : `silenced meanwhile (${silenced}): ${was}`,
      ...(burning.length > 0 ? [`burns still (${burning.length}): ${sayAlerts(burning)}${pages.length > 0 ? `; ${pages.join(', ')} asks now` : ''}`] : []),
    ],
    actions: [{ label: 'Look', command: `show ${id}` }],
  };
}
