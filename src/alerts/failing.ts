import type { Queries } from '../store/db.ts';
import type { Loud } from './group.ts';

/** Of what these alerts stand on, what is not well itself: it did not answer when it was asked last, or something is said of it alone. */
export async function failingAmong(db: Queries, alerts: readonly Loud[]): Promise<Set<string>> {
  const under = [...new Set(alerts.flatMap(({ standsOn }) => standsOn))];
  if (under.length === 0) return new Set();
  const own = alerts.filter(({ urgency, hosts }) => urgency !== 'low' && hosts.length === 1).flatMap(({ hosts }) => hosts);
  const rows = await db.query<{ host: string }>(
    `select host from facts where host = any ($1::text[]) and reach <> 'ok'
     union select hosts ->> 0 from alerts where state = 'firing' and page is not null and urgency <> 'low' and jsonb_array_length(hosts) = 1 and hosts ?| $1::text[]`,
    [under],
  );
  return new Set([...own.filter((host) => under.includes(host)), ...rows.map(({ host }) => host)]);
}
