import type { HostResult } from '../jobs.ts';
import type { Tx } from '../store/db.ts';
import { putOut } from '../store/outbox.ts';
import { findDrift } from './findings.ts';

/**
 * A check heard of hosts. One that a hold could not reach so far is paused now, on first contact (or given its updates back, where
 * the hold has ended since); one that drifted keeps its finding, which the check knows nothing of.
 */
export async function holdsHeard(tx: Tx, results: readonly HostResult[], at: number): Promise<void> {
  const answered = results.filter(({ reach }) => reach === 'ok').map(({ host }) => host);
  if (answered.length === 0) return;
  const rows = await tx.query<{ hold: string; host: string; state: string; detail: string | null }>(
    // While the run that pauses it has not ended with a host, it is that run's.
    `select hh.hold, hh.host, hh.state, hh.detail from hold_hosts hh join holds h on h.id = hh.hold left join run_hosts rh on rh.run = h.run and rh.host = hh.host
     where hh.host = any ($1) and hh.state in ('unverified', 'drifted') and h.kind = 'updates'
       and (rh.state is null or rh.state = 'ended') order by hh.hold, hh.host`,
    [answered],
  );
  const drifted = rows.filter(({ state }) => state === 'drifted');
  await findDrift(tx, new Map(drifted.map(({ host, hold, detail }) => [host, `paused by ${hold}, and ${detail}`])), at);
  const met = new Map<string, string[]>();
  for (const { hold, host, state } of rows) if (state === 'unverified') met.set(hold, [...(met.get(hold) ?? []), host]);
  // One piece of work a hold: its hosts in the words of its ref.
  await putOut(
    tx,
    'hold-look',
    [...met].map(([hold, hosts]) => `${hold}/heard:${hosts.join(',')}`),
  );
}
