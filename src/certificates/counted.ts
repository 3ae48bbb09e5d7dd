import type { Queries } from '../store/db.ts';

/** Leaves that have ended by domain time `now`, and those that end within 30 days; one that stands on several hosts counts once. */
export async function countEnding(db: Queries, now: number): Promise<{ expired: number; ending: number }> {
  const [row] = await db.query<{ expired: number; ending: number }>(
    `select count(distinct fingerprint) filter (where ends <= $1)::int as expired, count(distinct fingerprint) filter (where ends > $1)::int as ending
     from certificates where kind = 'leaf' and ends <= $2`,
    [new Date(now), new Date(now + MONTH)],
  );
  return row ?? { expired: 0, ending: 0 };
}

/** `certificates: 1 expired, 2 end within 30 d (certs expiring 30d)`, nothing where all is well. */
export function sayEnding({ expired, ending }: { expired: number; ending: number }): string[] {
  const says = [...(expired > 0 ? [`${expired} expired`] : []), ...(ending > 0 ? [`${ending} end${ending === 1 ? 's' : ''} within 30 d`] : [])];
  return says.length > 0 ? [`certificates: ${says.join(', ')} (certs expiring 30d)`] : [];
}

const MONTH = 30 * 86_400_000;
