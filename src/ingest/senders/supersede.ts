import type { AlertEvent } from '../../alerts/event.ts';
import type { Tx } from '../../store/db.ts';

/**
 * Alertmanager names an alert by its fingerprint and its beginning. Two of them beside each other may say another beginning of the same; one that
 * was away may have missed an end. So of one fingerprint only the latest beginning fires: what began later ends what began before, and what is
 * sent with an earlier beginning is the known one.
 */
export async function withoutOlder(tx: Tx, integration: string, events: readonly AlertEvent[]): Promise<readonly AlertEvent[]> {
  const named = events.filter(({ dedup }) => NAMED.test(dedup));
  if (named.length === 0) return events;
  const known = await tx.query<{ dedup: string }>(
    `select dedup from alerts where integration = $1 and state = 'firing' and split_part(dedup, ' ', 1) = any ($2::text[]) and dedup <> all ($3::text[])`,
    [integration, [...new Set(named.map(({ dedup }) => fingerprintOf(dedup)))], named.map(({ dedup }) => dedup)],
  );
  return superseding(
    events,
    known.map(({ dedup }) => dedup).filter((dedup) => NAMED.test(dedup)),
  );
}

/** What these events mean where these others, of the same fingerprints, fire. */
export function superseding(events: readonly AlertEvent[], known: readonly string[]): AlertEvent[] {
  const latest = new Map<string, string>();
  for (const dedup of known) {
    const of = fingerprintOf(dedup);
    if (dedup > (latest.get(of) ?? '')) latest.set(of, dedup);
  }
  return events.flatMap((event) => {
    const other = NAMED.test(event.dedup) ? latest.get(fingerprintOf(event.dedup)) : undefined;
    if (other === undefined) return [event];
    if (event.dedup > other) return [{ ...event, dedup: other, state: 'resolved' as const }, event];
    // The end of an earlier one says nothing of the later.
    return event.state === 'resolved' ? [event] : [{ ...event, dedup: other }];
  });
}

/** `fingerprint 2026-11-26T15:00:00.000Z`: moments of one form are in the order of their letters. */
const NAMED = /^\S+ \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const fingerprintOf = (dedup: string): string => dedup.slice(0, dedup.indexOf(' '));
