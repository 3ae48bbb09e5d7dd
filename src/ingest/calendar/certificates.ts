import { nameOf } from '../../certificates/certificate.ts';
import { certificatesEnding } from '../../certificates/ending.ts';
import type { Queries } from '../../store/db.ts';
import type { CalendarDate } from './dates.ts';

const DAY = 86_400_000;
/** Of what ends later nobody plans the week. */
const AHEAD = 120 * DAY;
/** The calendar itself says so a month before. */
const ALARM = 30 * DAY;
const LASTS = 15 * 60_000;

/** When certificates end, each once, wherever it stands. */
export async function certificateDates(db: Queries, now: number): Promise<CalendarDate[]> {
  const endings = await certificatesEnding(db, now + AHEAD, { after: now });
  return endings.map(({ kind, subject, sans, fingerprint, ends, places, issuer, hosts }) => ({
    key: `certificate-${fingerprint}`,
    from: ends,
    until: ends + LASTS,
    title: `${kind === 'ca' ? 'authority' : 'certificate'} ${nameOf({ subject, sans })} ends (${hosts[0]}${hosts.length > 1 ? ` and ${hosts.length - 1} more` : ''})`,
    details: `${places.slice(0, 5).join(', ')}${places.length > 5 ? ` and ${places.length - 5} more` : ''}; issued by ${issuer}; certs ${hosts[0]}`,
    alarm: ALARM,
  }));
}
