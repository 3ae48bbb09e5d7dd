import type { Queries } from '../store/db.ts';
import { LAST_RANK } from './ladder.ts';
import { type CertificateRow, COLUMNS, certificateOf, type KnownCertificate } from './rows.ts';

/** A certificate that nears its end, wherever it stands. */
export interface Ending extends KnownCertificate {
  /** `kyousuke:/etc/kubernetes/pki/apiserver.crt`, one for each place. */
  places: string[];
  hosts: string[];
}

/**
 * Leaves that end by that domain time, and authorities that stand alone in their file: of a bundle of trusted ones, one may end as the world
 * likes. Each once, those that end first at the top. `after` = without those that ended by then; `unasked` = without those that people were asked
 * about at the last step there is.
 */
export async function certificatesEnding(
  db: Queries,
  before: number,
  { after, unasked = false }: { after?: number; unasked?: boolean } = {},
): Promise<Ending[]> {
  const rows = await db.query<CertificateRow & Pick<Ending, 'places' | 'hosts'> & { ports: number[][] }>(
    `with standing as (
       select ${COLUMNS} from certificates c where ends <= $1 and ends > $2 and (kind = 'leaf'
         or not exists (select 1 from certificates o where o.host = c.host and o.path = c.path and o.kind = 'ca' and o.n <> c.n))
     ), each as (
       select fingerprint, jsonb_agg(host || ':' || path order by host, path, n) as places, jsonb_agg(distinct host) as hosts,
         jsonb_agg(distinct served_on) as ports from standing group by fingerprint
     ), first as (select distinct on (fingerprint) * from standing order by fingerprint, host, path, n)
     select first.*, each.places, each.hosts, each.ports from first join each using (fingerprint) left join certificate_notices notice using (fingerprint)
     where not $3::boolean or notice.over is not null or coalesce(notice.rank, 0) < case when each.ports = '[[]]' then $4::int else $5::int end
     order by first.ends, first.host, first.path limit ${MOST}`,
    [new Date(before), after === undefined ? '-infinity' : new Date(after), unasked, LAST_RANK.unserved, LAST_RANK.served],
  );
  return rows.map(({ places, hosts, ports, ...row }) => ({ ...certificateOf(row), servedOn: [...new Set(ports.flat())], places, hosts }));
}

/** More than anybody could be asked about. */
const MOST = 5_000;
