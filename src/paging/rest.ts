import { wakeAlertsOf } from '../alerts/wake.ts';
import type { Tx } from '../store/db.ts';
import { recordAll } from '../store/events.ts';
import { toJsonb } from '../store/json.ts';
import { touchPages } from './touch.ts';

/** Nothing more of these pages is sent but notices. What is in a provider's hands at this moment may still arrive. */
export async function callOff(tx: Tx, pages: readonly string[]): Promise<void> {
  const off = await tx.query<{ id: string; carrier: string | null }>(
    `update page_attempts set state = 'called off' where page = any ($1::text[]) and state in ('waiting', 'carried') and not notice returning id, carrier`,
    [pages],
  );
  const carriers = off.flatMap(({ id, carrier }) => (carrier === id ? [id] : []));
  if (carriers.length === 0) return;
  // Of a message that was to carry others, the first of those takes its place.
  await tx.query(
    `update page_attempts a set carrier = heir.id, state = case when a.id = heir.id then 'waiting' else 'carried' end
     from (select distinct on (carrier) id, carrier from page_attempts where carrier = any ($1::bigint[]) and state = 'carried' order by carrier, id) as heir
     where a.carrier = heir.carrier and a.state = 'carried'`,
    [carriers],
  );
  await tx.notify('attempts');
}

/** The ways by which somebody is told that it is over or taken, the quietest of those that reached them first. */
const NOTICES = ['slack', 'discord', 'dm', 'ntfy', 'sms', 'email', 'webhook', 'voice'];

/** Tells everyone a page was sent to, once each, by a channel that reached them. `but`: who did it knows it. */
export async function notify(tx: Tx, notices: readonly { page: string; text: string }[], { but, at }: { but?: string; at: number }): Promise<void> {
  if (notices.length === 0) return;
  await tx.query(
    `insert into page_attempts (page, n, round, step, person, channel, due, notice, text, rank)
     select told.page, (select max(n) from page_attempts where page = told.page) + row_number() over (partition by told.page order by told.id),
            told.round, told.step, told.person, told.channel, $2, true, said.text, told.rank
     from jsonb_to_recordset($1::jsonb) as said (page text, text text)
     join lateral (
       select distinct on (person) page, id, round, step, person, channel, rank from page_attempts
       where page = said.page and not notice and state in ('sent', 'sending') and person is distinct from $3
       order by person, array_position($4::text[], channel), id) as told on true`,
    [toJsonb(notices), new Date(at), but ?? null, NOTICES],
  );
  await tx.notify('attempts');
}

export interface Ending {
  id: string;
  state: 'resolved' | 'silenced';
  because: string;
}

/** Pages that are over: nobody is asked any more, and everybody who was is told. `timers`: they are taken away here. The rows are locked by the caller. */
export async function endPages(tx: Tx, endings: readonly Ending[], { by, at, timers = true }: { by: string; at: number; timers?: boolean }): Promise<void> {
  if (endings.length === 0) return;
  const ids = endings.map(({ id }) => id);
  await tx.query(
    `update pages p set state = e.state, rev = p.rev + 1, ended = $2 from jsonb_to_recordset($1::jsonb) as e (id text, state text) where p.id = e.id`,
    [toJsonb(endings), new Date(at)],
  );
  if (timers) await tx.query(`delete from timers where kind = 'page' and ref = any ($1::text[])`, [ids]);
  await callOff(tx, ids);
  await notify(
    tx,
    endings.map(({ id, state, because }) => ({ page: id, text: `${id} ${state === 'resolved' ? 'is over' : 'is silenced'}: ${because}` })),
    { but: by, at },
  );
  await recordAll(
    tx,
    endings.map(({ id, state, because }) => ({ thing: id, type: state, data: { because }, by, at })),
  );
  await touchPages(tx, ids);
  await wakeAlertsOf(tx, ids, at);
}
