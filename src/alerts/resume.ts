import { Refusal } from '../lib/refusal.ts';
import type { Queries, Tx } from '../store/db.ts';
import { record } from '../store/events.ts';
import { endPause, type PauseEnded } from './pause-ends.ts';
import type { AlertRow } from './rows.ts';
import { type AlertsWorld, lockAlerts, settle } from './settle.ts';

/** An open pause, and the hosts of it that are to be heard again. */
export interface Resuming {
  id: string;
  hosts: string[];
  /** No other host stays paused by it. */
  all: boolean;
}

/** The open pauses of these hosts, or one by its id. Throws Refusal where there is none. */
export async function toHearAgain(db: Queries, which: { hold: string } | { hosts: readonly string[]; expression: string }): Promise<Resuming[]> {
  if ('hold' in which) {
    const [row] = await db.query<{ kind: string; state: string; ended: Date | null }>(`select kind, state, ended from holds where id = $1`, [which.hold]);
    if (!row) throw new Refusal(`There is no hold ${which.hold}. "show holds" lists what there is.`);
    if (row.kind !== 'alerts') throw new Refusal(`${which.hold} pauses updates, not alerts: resume updates ${which.hold}.`);
    if (row.state === 'ended') throw new Refusal(`${which.hold} ended ${row.ended?.toISOString()}: its alerts are heard.`);
  }
  const rows = await db.query<{ hold: string; host: string }>(
    `select hh.hold, hh.host from hold_hosts hh join holds h on h.id = hh.hold where h.kind = 'alerts' and h.state = 'open' and hh.state = 'held' order by h.begun, h.id`,
  );
  const wanted = 'hosts' in which ? new Set(which.hosts) : undefined;
  const found = [...new Set(rows.map(({ hold }) => hold))].flatMap((id): Resuming[] => {
    const own = rows.filter(({ hold }) => hold === id).map(({ host }) => host);
    const hosts = 'hold' in which ? (id === which.hold ? own : []) : own.filter((host) => wanted?.has(host));
    return hosts.length > 0 ? [{ id, hosts, all: hosts.length === own.length }] : [];
  });
  if (found.length === 0 && 'hosts' in which) throw new Refusal(`No alerts are paused on ${which.expression}. "show holds" lists what is paused.`);
  return found;
}

/** Alerts of these hosts are heard again, before their time. Answers the pauses that are over with that; others stay for other hosts. */
export async function hearAgain(tx: Tx, world: AlertsWorld, resuming: readonly Resuming[], { by, at }: { by: string; at: number }): Promise<PauseEnded[]> {
  await lockAlerts(tx);
  const over: PauseEnded[] = [];
  for (const { id, hosts, all } of resuming) {
    if (all) {
      const ended = await endPause(tx, world, id, { by, at });
      if (ended) over.push(ended);
      continue;
    }
    await tx.query(`update hold_hosts set state = 'resumed' where hold = $1 and host = any ($2::text[])`, [id, hosts]);
    await record(tx, { thing: id, type: 'resumed', data: { hosts }, by, at });
    await settle(tx, world, await tx.query<AlertRow>(`select * from alerts where state = 'firing' and silenced_by = $1 order by id`, [id]), at);
  }
  return over;
}
