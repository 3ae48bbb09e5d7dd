import type { AlertEvent } from '../alerts/event.ts';
import { foldSome } from '../fleet/target/fold-some.ts';
import type { Queries } from '../store/db.ts';
import type { Judged, Sight } from './judge.ts';
import type { Missed } from './seen.ts';

/** The integration our own look at the hosts is. */
const DOWN = 'down';
const HOST = 'host:';
const PLACE = 'place:';

/** What is said of hosts and places already. */
export interface Known {
  hosts: Set<string>;
  places: Set<string>;
}

export async function knownDown(db: Queries): Promise<Known> {
  const rows = await db.query<{ dedup: string }>(`select dedup from alerts where integration = $1 and state = 'firing'`, [DOWN]);
  const named = (prefix: string): Set<string> => new Set(rows.flatMap(({ dedup }) => (dedup.startsWith(prefix) ? [dedup.slice(prefix.length)] : [])));
  return { hosts: named(HOST), places: named(PLACE) };
}

/** What changed, as alerts: hosts that went down or are back, and places that are cut off or no longer. */
export function alertsOf(said: {
  judged: Judged;
  known: Known;
  missed: ReadonlyMap<string, Missed & { places: string[] }>;
  fell: readonly string[];
  back: readonly string[];
  sights: readonly Sight[];
}): AlertEvent[] {
  const { judged, known, missed, fell, back, sights } = said;
  return [
    ...back.map((host) => over(HOST, host)),
    ...[...known.places].filter((place) => !judged.cutOff.has(place)).map((place) => over(PLACE, place)),
    ...fell.flatMap((host) => {
      const one = missed.get(host);
      return one ? [hostDown(one)] : [];
    }),
    ...[...judged.cutOff].filter(([place]) => !known.places.has(place)).map(([place, hosts]) => cutOff(place, hosts, sights)),
  ];
}

function hostDown({ host, detail, reach, since, places }: Missed & { places: string[] }): AlertEvent {
  return {
    integration: DOWN,
    dedup: `${HOST}${host}`,
    state: 'firing',
    summary: reach === 'half-dead' ? 'half dead: TCP opens and SSH says nothing' : 'does not answer',
    urgency: 'high',
    hosts: [host],
    details: { message: detail, reach, seen: `from ${places.join(' and ')}` },
    started: since,
  };
}

/** Its hosts are not named as such: nothing is known of them, and nobody is woken for each. */
function cutOff(place: string, missing: readonly string[], sights: readonly Sight[]): AlertEvent {
  const looked = sights.find((sight) => sight.place === place)?.looked.size ?? missing.length;
  const others = sights.filter((sight) => sight.place !== place).length;
  return {
    integration: DOWN,
    dedup: `${PLACE}${place}`,
    state: 'firing',
    summary: `${missing.length} of ${looked} hosts do not answer at once, seen from ${place}: its own uplink, most likely`,
    urgency: others > 0 ? 'high' : 'critical',
    hosts: [],
    details: { message: foldSome(missing, 400), ...(others === 0 && { seen: 'there is no other place that could say otherwise' }) },
  };
}

const over = (prefix: string, name: string): AlertEvent => ({
  integration: DOWN,
  dedup: `${prefix}${name}`,
  state: 'resolved',
  summary: '',
  urgency: 'high',
  hosts: [],
  details: {},
});
