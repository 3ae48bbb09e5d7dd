import type { Defaults } from '../config/defaults.ts';
import type { Tell } from '../deliver/tell.ts';
import type { Tx } from '../store/db.ts';
import { askForPerson, record } from '../store/events.ts';
import { putOut } from '../store/outbox.ts';
import type { TimerHandler } from '../store/timers.ts';
import { holdNext } from './life.ts';
import { type HoldRow, holdRow } from './rows.ts';

/** Hosts looked at by one piece of work. */
export const CHUNK = 50;

/** The heartbeat of a hold: its owner is asked when its end is near, and its hosts are looked at. */
export function holdTimer(world: { now(): number; defaults(): Defaults; tell: Tell }): TimerHandler {
  return async (tx, timer) => {
    const hold = await holdRow(tx, timer.ref, 'for update');
    if (!hold) return undefined;
    const now = world.now();
    const defaults = world.defaults();
    const [open] = await tx.query<{ hosts: number; all: number }>(
      `select count(*) filter (where state <> 'resumed')::int as hosts, count(*)::int as all from hold_hosts where hold = $1`,
      [hold.id],
    );
    if (hold.state === 'ended' && open?.hosts === 0) return undefined;
    await putOut(
      tx,
      'hold-look',
      Array.from({ length: Math.ceil((open?.all ?? 0) / CHUNK) }, (_, n) => `${hold.id}/${n}`),
    );
    if (hold.state === 'ended') return now + defaults['hold.drift'];
    const { id, begun, until, asked } = hold;
    const next = holdNext({ id, begun: begun.getTime(), until: until.getTime(), ...(asked && { asked: asked.getTime() }) }, now, defaults);
    if (next.ask !== undefined) await askOwner(tx, world.tell, hold, `${next.ask} (${open?.hosts === 1 ? '1 host' : `${open?.hosts} hosts`})`, now);
    return next.at;
  };
}

async function askOwner(tx: Tx, tell: Tell, hold: HoldRow, text: string, at: number): Promise<void> {
  await tx.query(`update holds set asked = $2, rev = rev + 1 where id = $1`, [hold.id, new Date(at)]);
  const card = {
    title: text,
    tone: 'attention' as const,
    ...(hold.because !== null && { body: [`paused because ${hold.because}`] }),
    actions: [
      { label: 'Resume', command: `resume updates ${hold.id}` },
      { label: 'Look', command: `show ${hold.id}` },
    ],
  };
  const { body, actions } = card;
  const page = await askForPerson(tx, { text, urgency: 'low', about: hold.id, more: { ...(body && { body }), actions }, by: 'holdfast', at });
  await record(tx, { thing: hold.id, type: 'asked', data: { owner: hold.owner, page }, by: 'holdfast', at });
  await tell.tell(tx, { key: `hold:${hold.id} end ${at}`, to: { person: hold.owner }, card, asked: hold.place, paged: true, at });
}
