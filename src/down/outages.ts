import { moveIncident } from '../incidents/move.ts';
import { storedIncident } from '../incidents/rows.ts';
import { grouped } from '../paging/rows.ts';
import type { Tx } from '../store/db.ts';
import { alertsOfHosts } from './events.ts';
import type { Missed } from './seen.ts';

/** The outage tables of the incidents these hosts belong to: who went down when and why, who is back. The alerts of those that fell are taken already. */
export async function noteOutages(tx: Tx, { fell, back, now }: { fell: readonly Missed[]; back: readonly string[]; now: number }): Promise<void> {
  const at = new Date(now).toISOString();
  const alerts = await alertsOfHosts(tx, [...fell.map(({ host }) => host), ...back]);
  for (const [incident, rows] of grouped(alerts, ({ incident: id }) => id)) {
    const found = await storedIncident(tx, incident);
    // Resolved by a person, or gone on under another id: its table is theirs.
    if (!found || !GOES_ON.has(found.incident.state)) continue;
    const of = new Set(rows.map(({ host }) => host));
    const down = fell.filter(({ host }) => of.has(host)).map(({ host, since, detail }) => ({ host, at: new Date(since).toISOString(), cause: detail }));
    const up = back.filter((host) => of.has(host)).map((host) => ({ host, at }));
    if (down.length > 0) await moveIncident(tx, incident, { type: 'hosts down', data: { hosts: down, source: 'down' }, by: 'holdfast', at: now });
    if (up.length > 0) await moveIncident(tx, incident, { type: 'hosts up', data: { hosts: up, source: 'down' }, by: 'holdfast', at: now });
  }
}

const GOES_ON: ReadonlySet<string> = new Set(['investigating', 'identified', 'monitoring']);
