import type { Line } from '../chat/command.ts';
import type { Tx } from '../store/db.ts';
import { nextId, record } from '../store/events.ts';
import { toJsonb, toText } from '../store/json.ts';
import { armTimer } from '../store/timers.ts';
import type { AlertRow } from './rows.ts';
import { type AlertsWorld, lockAlerts, quieten } from './settle.ts';

/** The kind of timer at which alerts that were paused are heard again, by the id of the hold. */
export const PAUSE_TIMER = 'alerts paused';

/** Hosts whose alerts ask nobody until a time, domain ms. */
export interface NewPause {
  expression: string;
  hosts: readonly string[];
  because?: string;
  until: number;
}

/** Somebody wants to hear nothing of these hosts for a while: what burns there now is silenced with its pages, and so is what begins meanwhile. */
export async function pauseAlerts(
  tx: Tx,
  world: AlertsWorld,
  pause: NewPause,
  line: Pick<Line, 'actor' | 'place' | 'at'>,
): Promise<{ id: string; silenced: AlertRow[]; pages: string[] }> {
  await lockAlerts(tx);
  const id = await nextId(tx, 'H');
  const { expression, hosts, because, until } = pause;
  await tx.query(`insert into holds (id, kind, expression, owner, because, begun, until, place) values ($1, 'alerts', $2, $3, $4, $5, $6, $7)`, [
    id,
    expression,
    line.actor.name,
    because === undefined ? null : toText(because),
    new Date(line.at),
    new Date(until),
    toJsonb(line.place),
  ]);
  await tx.query(`insert into hold_hosts (hold, host, state) select $1, value, 'held' from jsonb_array_elements_text($2::jsonb)`, [id, JSON.stringify(hosts)]);
  const data = { expression, until: new Date(until).toISOString(), hosts: hosts.length, ...(because !== undefined && { because }) };
  await record(tx, { thing: id, type: 'begun', data, by: line.actor.name, at: line.at });
  await armTimer(tx, { kind: PAUSE_TIMER, ref: id, due: until });
  const burning = await tx.query<AlertRow>(
    `select * from alerts where state = 'firing' and (hosts = '[]'::jsonb or hosts ?| $1::text[]) and not starts_with(coalesce(silenced_by, ''), 'H') order by id`,
    [hosts],
  );
  const loud = new Set((await quieten(tx, world, burning, line.at)).map((alert) => alert.id));
  const silenced = burning.filter((alert) => !loud.has(alert.id));
  const before = silenced.flatMap(({ page }) => page ?? []);
  const pages = await tx.query<{ id: string }>(`select id from pages where id = any ($1::text[]) and state = 'silenced' order by length(id), id`, [before]);
  return { id, silenced, pages: pages.map((page) => page.id) };
}
