import type { Queries } from '../store/db.ts';
import { type CertificateRow, COLUMNS, certificateOf, type KnownCertificate } from './rows.ts';

/** A certificate that nears its end, wherever it stands. */
export interface Ending extends KnownCertificate {
  /** `kyousuke:/etc/kubernetes/pki/apiserver.crt`, one for each place. */
  places: string[];
  hosts: string[];
}

/**
 * Leaves that end by that domain time, and authorities that stand alone in their file: of a bundle of trusted ones, one may end as the world
 * likes. Each once, those that end first at the top.
 */
export async function certificatesEnding(db: Queries, before: number): Promise<Ending[]> {
  const rows = await db.query<CertificateRow>(
    `select ${COLUMNS} from certificates c where ends <= $1 and (kind = 'leaf'
       or not exists (select 1 from certificates o where o.host = c.host and o.path = c.path and o.kind = 'ca' and o.n <> c.n))
     order by ends, host, path, n limit ${MOST}`,
    [new Date(before)],
  );
  const endings = new Map<string, Ending>();
  for (const row of rows) {
    const one = certificateOf(row);
    const known = endings.get(one.fingerprint);
    const place = `${one.host}:${one.path}`;
    if (!known) endings.set(one.fingerprint, { ...one, places: [place], hosts: [one.host] });
    else {
      known.places.push(place);
      if (!known.hosts.includes(one.host)) known.hosts.push(one.host);
      known.servedOn = [...new Set([...known.servedOn, ...one.servedOn])];
    }
  }
  return [...endings.values()];
}

/** More than anybody could be asked about. */
const MOST = 5_000;
