import type { Queries } from '../store/db.ts';
import type { Loud } from './group.ts';
import type { AlertRow } from './rows.ts';
import { saysDead } from './says-dead.ts';

type Said = Pick<AlertRow, 'integration' | 'summary' | 'details' | 'hosts'>;

/**
 * Of what these alerts stand on, what is dead itself: nothing of it answered when it was asked last, or an alert of it alone says so. Somebody who
 * has a full disk in hand has not the guests in hand; nor does a login that fails mean that anything on it does.
 */
export async function failingAmong(db: Queries, alerts: readonly (Loud & Said)[]): Promise<Set<string>> {
  const under = [...new Set(alerts.flatMap(({ standsOn }) => standsOn))];
  if (under.length === 0) return new Set();
  const rows = await db.query<{ host: string }>(`select host from facts where host = any ($1::text[]) and reach in ('unroutable', 'refused', 'half-dead')`, [
    under,
  ]);
  const said = await db.query<Said>(
    `select integration, summary, details, hosts from alerts
     where state = 'firing' and page is not null and urgency <> 'low' and jsonb_array_length(hosts) = 1 and hosts ?| $1::text[]`,
    [under],
  );
  const dead = [...said, ...alerts.filter(({ urgency }) => urgency !== 'low')].filter(saysDead).flatMap(({ hosts }) => hosts);
  return new Set([...dead.filter((host) => under.includes(host)), ...rows.map(({ host }) => host)]);
}
